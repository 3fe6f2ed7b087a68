/** The rules of tokens that are bound to a key, held against a server that keeps them and servers that do not. */
import { describe, expect, it } from "vitest"
import { checkIssuer } from "../../properties/kit/issuer/checkIssuer.ts"
import { keyRules } from "../../properties/kit/issuer/rules/Keys.ts"
import { createHandler } from "../../src/http/index.ts"
import type { Fetch } from "../../src/outbound/index.ts"
import { authorizationServer } from "../../src/embedded/index.ts"
import { dpop, ephemeralKeys, memoryStore, standardFeatures, type DpopOptions } from "../../src/provider/index.ts"
import { ACCOUNT, generousLimits, ISSUER } from "../support/TestServer.ts"
import { RESOURCE } from "../support/WireClient.ts"

const ids = keyRules.map(({ id }) => id)

const serverWith = async (options: DpopOptions | undefined): Promise<Fetch> => {
  const server = await authorizationServer({
    store: memoryStore(),
    keys: ephemeralKeys(),
    features: [...standardFeatures, ...(options === undefined ? [] : [dpop(options)])],
    onNotice: () => {},
    config: { issuer: ISSUER, tokenRate: "off", registrationRate: "off", autoApprove: ACCOUNT },
  })
  const handle = createHandler(server, { limits: generousLimits, sourceOf: () => "127.0.0.1" })
  return (input, init) => handle(new Request(input, init))
}

const verdicts = async (fetch: Fetch, only: ReadonlyArray<string> = ids) => {
  const { results } = await checkIssuer(ISSUER, { fetch, resources: ["http://localhost:9998/mcp", RESOURCE], only })
  return Object.fromEntries(results.map(({ promise, verdict }) => [promise, verdict]))
}

const all = (verdict: string) => Object.fromEntries(ids.map((id) => [id, verdict]))

describe("the rules of bound tokens", () => {
  it.each([{}, { nonce: "required" }, { isRequired: true, nonce: "optional" }] satisfies ReadonlyArray<DpopOptions>)(
    "are kept by grantlog with %j, and so is every promise that is tried beside them",
    async (options) => {
      const fetch = await serverWith(options)
      expect(await verdicts(fetch)).toEqual(all("kept"))
      expect(await verdicts(fetch, ["BoundMeansBound", "RotationIsLinear"])).toEqual({
        BoundMeansBound: "kept",
        RotationIsLinear: "kept",
      })
    },
  )

  it("are broken by a server that says it takes proofs, and looks at none", async () => {
    const fetch = await serverWith(undefined)
    const boasting: Fetch = async (input, init) => {
      const answer = await fetch(input, init)
      if (!String(input instanceof Request ? input.url : input).includes("/.well-known/")) return answer
      return Response.json({ ...(await answer.json()), dpop_signing_alg_values_supported: ["ES256"] })
    }
    expect(await verdicts(boasting)).toEqual(all("broken"))
  })

  it("are broken one by one where a server takes one proof for another", async () => {
    const fetch = await serverWith({})
    const forgetful: Fetch = (input, init) => {
      const headers = new Headers(init?.headers)
      const form = new URLSearchParams(String(init?.body ?? ""))
      // A refresh is answered as if nobody had proven a key.
      if (form.get("grant_type") === "authorization_code" && headers.has("dpop")) headers.delete("dpop")
      return fetch(input, { ...init, headers })
    }
    expect(await verdicts(forgetful, ["RFC9449-5-rt-bound-public", "RFC9449-5-token-type"])).toEqual({
      "RFC9449-5-rt-bound-public": "broken",
      "RFC9449-5-token-type": "broken",
    })
  })

  it("are not tried where nobody says that proofs are taken", async () => {
    expect(new Set(Object.values(await verdicts(await serverWith(undefined))))).toEqual(new Set(["not tried"]))
  })
})
