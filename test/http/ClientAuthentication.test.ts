/** Which credentials a request has, read and not judged. */
import { Result } from "effect"
import { describe, expect, test } from "vitest"
import { readCredentials } from "../../src/http/ClientAuthentication.ts"
import { featuresOf, standardFeatures } from "../../src/provider/index.ts"
import { parseParameters } from "../../src/provider/features/Form.ts"
import { emptyContext } from "../support/EmptyContext.ts"

const { clientAuthentications } = featuresOf(standardFeatures)

const encoded = (text: string) => `Basic ${Buffer.from(text).toString("base64")}`

const read = (
  body: string,
  authorization?: string,
  { query = "", isProofNeeded = false }: { readonly query?: string; readonly isProofNeeded?: boolean } = {},
) => {
  const headers = authorization === undefined ? {} : { authorization }
  const request = { method: "POST", path: "/token", query, headers, body, source: "" }
  const form = Result.getOrThrow(parseParameters(body))
  const credentials = readCredentials(request, form, clientAuthentications, emptyContext, isProofNeeded)
  return "error" in credentials ? credentials.error : credentials
}

describe("credentials in the body", () => {
  test("are an id, with a secret or without", () => {
    expect(read("client_id=app")).toEqual({ clientId: "app" })
    expect(read("client_id=app&client_secret=s")).toEqual({ clientId: "app", clientSecret: "s" })
    expect(read("client_id=app&client_secret=")).toEqual({ clientId: "app" })
  })

  test("that are missing are a bad request, or bad credentials where everybody has to have some", () => {
    expect(read("client_secret=s")).toBe("invalid_request")
    expect(read("", undefined, { isProofNeeded: true })).toBe("invalid_client")
  })
})

describe("credentials in the header", () => {
  test("are form-encoded: plus is a space, and a percent sign begins an escape", () => {
    expect(read("", encoded("a+b:c+d%2B%3A"))).toEqual({ clientId: "a b", clientSecret: "c d+:" })
    for (const broken of ["a%:b", "a:%zz", "%ff:b"]) expect(read("", encoded(broken)), broken).toBe("invalid_client")
  })

  test("are an id up to the first colon, and the rest is the secret", () => {
    expect(read("", encoded("app:a:b"))).toEqual({ clientId: "app", clientSecret: "a:b" })
    expect(read("", encoded("app:"))).toEqual({ clientId: "app" })
    for (const broken of ["app", ":secret", ""]) expect(read("", encoded(broken)), broken).toBe("invalid_client")
  })

  test("are Basic in any case, with any spaces around, and nothing else", () => {
    const [, value] = encoded("app:s").split(" ")
    for (const header of [`basic ${value}`, `BASIC   ${value}`, `Basic ${value}  `]) {
      expect(read("", header)).toEqual({ clientId: "app", clientSecret: "s" })
    }
    for (const header of [
      `Bearer ${value}`,
      `Basic${value}`,
      `Basic ${value} x`,
      "Basic",
      "",
      ` ${value}`,
      `Not-Basic ${value}`,
    ]) {
      expect(read("", header), header).toBe("invalid_client")
    }
  })

  test("may stand beside the same id in the body, and beside no other, nor beside a secret", () => {
    const header = encoded("app:s")
    expect(read("client_id=app", header)).toEqual({ clientId: "app", clientSecret: "s" })
    expect(read("client_id=another", header)).toBe("invalid_request")
    expect(read("client_secret=s", header)).toBe("invalid_request")
    expect(read("client_id=app&client_secret=s", header)).toBe("invalid_request")
  })
})

test("a secret in the address is refused whatever else there is, and what only ends like one is not", () => {
  for (const query of ["client_secret=s", "a=b&client_secret=s", "client_secret="]) {
    expect(read("client_id=app", undefined, { query }), query).toBe("invalid_request")
    expect(read("", encoded("app:s"), { query }), query).toBe("invalid_request")
  }
  for (const query of ["old_client_secret=s", "a=client_secret", "client_secrets=s"]) {
    expect(read("client_id=app", undefined, { query }), query).toEqual({ clientId: "app" })
  }
})

test("an assertion is refused, beside other credentials too", () => {
  expect(read("client_assertion=x")).toBe("invalid_client")
  expect(read("client_id=app&client_secret=s&client_assertion=x")).toBe("invalid_client")
  expect(read("client_assertion=x", encoded("app:s"))).toBe("invalid_client")
})
