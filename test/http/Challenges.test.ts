/** Who is challenged to come with a secret, and who is told by the error alone that an assertion proves nothing. */
import { describe, expect, test } from "vitest"
import { fapi2Features, privateKeyJwt, standardFeatures, type Feature } from "../../src/provider/index.ts"
import { startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"

const ASSERTION = {
  client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
  client_assertion: "a.b.c",
}
const BASIC = { authorization: `Basic ${btoa("app:secret")}` }
const grant = { grant_type: "client_credentials" }

const start = async (features: ReadonlyArray<Feature>) => {
  const { url } = await startFrontDoor({ features })
  const wire = wireClient(url)
  return async (path: string, form: Readonly<Record<string, string>>, headers = {}) => {
    const { status, body, headers: got } = await wire.post(path, form, headers)
    return [status, body.error, got.get("www-authenticate")?.split(" ")[0] ?? null]
  }
}

const PATHS = ["/token", "/introspect", "/revoke"]

describe("a server that takes assertions alone", () => {
  //= OAUTH21-3.2.4-401-for-header-auth
  test("challenges nobody who brought one, or nothing, to come with a secret", async () => {
    const refusal = await start(fapi2Features())
    for (const path of [...PATHS, "/par"]) {
      for (const form of [ASSERTION, { client_id: "nobody" }, { client_id: "nobody", client_secret: "s" }]) {
        expect(await refusal(path, { ...grant, token: "t", ...form }), path).toEqual([401, "invalid_client", null])
      }
    }
  })

  test("OAUTH21-3.2.4-401-for-header-auth: challenges who tried the header, by that scheme", async () => {
    const refusal = await start(fapi2Features())
    for (const path of PATHS) {
      expect(await refusal(path, { ...grant, token: "t" }, BASIC)).toEqual([401, "invalid_client", "Basic"])
    }
  })
})

describe("a server that takes secrets as well", () => {
  //= OAUTH21-3.2.4-401-for-header-auth
  test("challenges whoever did not bring an assertion", async () => {
    const refusal = await start([...standardFeatures, privateKeyJwt()])
    for (const path of PATHS) {
      const ask = (form: Readonly<Record<string, string>>, headers = {}) =>
        refusal(path, { ...grant, token: "t", ...form }, headers)
      expect(await ask(ASSERTION)).toEqual([401, "invalid_client", null])
      expect(await ask({ client_id: "nobody", client_secret: "s" })).toEqual([401, "invalid_client", "Basic"])
      expect(await ask({}, BASIC)).toEqual([401, "invalid_client", "Basic"])
    }
  })
})
