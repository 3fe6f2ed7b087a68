/** The FAPI 2.0 Security Profile over HTTP: a client that keeps to it gets through, and each step left out is refused. */
import { describe, expect, it } from "vitest"
import { decodeJwt, decodeProtectedHeader } from "jose"
import { ConfigFault, fapi2Features, openId } from "../../../../src/provider/index.ts"
import { newSigningKey } from "../../../support/Assertions.ts"
import {
  dpopHeader,
  open,
  proofKey,
  proven,
  push,
  pushSigned,
  redeem,
  startBank,
  told,
  usual,
  type Said,
} from "../../../support/Bank.ts"
import { signedBy } from "../../../support/ClientSigning.ts"
import { newDpopKey } from "../../../support/DpopKey.ts"
import { ISSUER } from "../../../support/TestServer.ts"
import { REDIRECT_URI, formOf } from "../../../support/WireClient.ts"

describe.each(["PS256", "ES256", "Ed25519"])("a client that keeps to the profile and signs by %s", (alg) => {
  //= FAPI2-5.3.2-profile
  it("logs in and refreshes, with tokens that are bound to its key", async () => {
    const bank = await startBank({}, alg)
    const pushed = await push(bank)
    expect(pushed.status).toBe(201)
    expect(pushed.body.expires_in).toBeLessThan(600)
    const location = await open(bank, pushed)
    expect(location.searchParams.get("iss")).toBe(ISSUER)
    const answer = await redeem(bank, location)
    expect([answer.status, answer.body.token_type]).toEqual([200, "DPoP"])
    const form = { grant_type: "refresh_token", refresh_token: answer.body.refresh_token!, client_id: bank.clientId }
    const again = await bank.wire.post("/token", { ...form, ...(await proven(bank)) }, await dpopHeader(bank))
    expect([again.status, again.body.token_type]).toEqual([200, "DPoP"])
  })
})

describe("a server of the profile", () => {
  it("that speaks OpenID Connect signs ID tokens as the profile knows it, and lets nobody leave out PKCE or nonce", async () => {
    const bank = await startBank({}, "ES256", {}, [openId({ algorithms: ["ES256", "EdDSA"] })])
    const asked = { scope: "openid", resource: "", nonce: "n" }
    const { status, body } = await redeem(bank, await open(bank, await push(bank, asked)))
    expect([status, body.token_type, decodeProtectedHeader(body["id_token"] as string).alg]).toEqual([
      200,
      "DPoP",
      "ES256",
    ])
    expect(decodeJwt(body["id_token"] as string)).toMatchObject({ aud: bank.clientId, nonce: "n", iss: ISSUER })
    const bare = { ...asked, code_challenge: "", code_challenge_method: "" }
    for (const less of [bare, { ...asked, nonce: "" }]) {
      expect(told(await push(bank, less))).toEqual([400, "invalid_request"])
    }
  })

  it("says in its metadata what it asks for, and offers nothing else", async () => {
    const bank = await startBank()
    expect(bank.metadata).toMatchObject({
      require_pushed_authorization_requests: true,
      token_endpoint_auth_methods_supported: ["private_key_jwt"],
      introspection_endpoint_auth_methods_supported: ["private_key_jwt"],
      token_endpoint_auth_signing_alg_values_supported: ["PS256", "ES256", "EdDSA", "Ed25519"],
      dpop_signing_alg_values_supported: ["PS256", "ES256", "EdDSA", "Ed25519"],
      code_challenge_methods_supported: ["S256"],
      authorization_response_iss_parameter_supported: true,
    })
    expect(bank.metadata).not.toHaveProperty("request_parameter_supported")
  })

  it.each(["none", "client_secret_basic", "client_secret_post", "client_secret_jwt", undefined])(
    "registers no client with %s",
    async (token_endpoint_auth_method) => {
      const bank = await startBank()
      const answer = await bank.wire.register({ redirect_uris: [REDIRECT_URI], token_endpoint_auth_method })
      expect(told(answer)).toEqual([400, "invalid_client_metadata"])
    },
  )

  it("judges no request that was not pushed", async () => {
    const bank = await startBank()
    const path = `/authorize?${formOf({ client_id: bank.clientId, ...usual })}`
    const { headers } = await (bank.visit ?? bank.wire.get)(path)
    const { searchParams } = new URL(headers.get("location")!)
    expect([searchParams.get("error"), searchParams.get("state"), searchParams.get("iss")]).toEqual([
      "invalid_request",
      "s",
      ISSUER,
    ])
  })

  it("does not know a client that sends its id alone, or a secret", async () => {
    const bank = await startBank()
    const form = { client_id: bank.clientId, ...usual }
    const bare = await bank.wire.post("/par", form)
    expect(told(bare)).toEqual([401, "invalid_client"])
    expect(bare.body.error_description).toBe("the client does not authenticate; use private_key_jwt")
    const secret = await bank.wire.post("/par", { ...form, client_secret: "secret" })
    expect(told(secret)).toEqual([401, "invalid_client"])
    const basic = await bank.wire.post("/par", form, { authorization: "Basic YTpi" })
    expect(told(basic)).toEqual([401, "invalid_client"])
  })

  it.each([
    ["the issuer in a list", [ISSUER]],
    ["the pushed authorization request endpoint", `${ISSUER}/par`],
    ["the token endpoint", `${ISSUER}/token`],
    ["the issuer with a slash", `${ISSUER}/`],
    ["another server", "https://other.example"],
    ["nobody", undefined],
  ])("takes no assertion that is for %s", async (_, aud) => {
    const bank = await startBank()
    expect(told(await push(bank, {}, { claims: { aud } }))).toEqual([401, "invalid_client"])
  })

  it("takes assertions of clocks up to 10 seconds ahead, and none of a minute ahead", async () => {
    const bank = await startBank()
    const ahead = (seconds: number) => {
      const now = Math.floor(bank.clock.now() / 1000) + seconds
      return push(bank, {}, { claims: { iat: now, nbf: now, exp: now + 60 } })
    }
    expect((await ahead(8)).status).toBe(201)
    expect(told(await ahead(61))).toEqual([401, "invalid_client"])
  })

  it.each<readonly [string, Said, string]>([
    ["without PKCE", { code_challenge: undefined, code_challenge_method: undefined }, "invalid_request"],
    ["with plain PKCE", { code_challenge_method: "plain" }, "invalid_request"],
    ["without a redirect URI", { redirect_uri: undefined }, "invalid_request"],
    ["with another redirect URI", { redirect_uri: "https://evil.example/" }, "invalid_request"],
    ["for an implicit answer", { response_type: "token" }, "unsupported_response_type"],
    ["for a code and an ID token", { response_type: "code id_token" }, "unsupported_response_type"],
    ["with a reference in it", { request_uri: "urn:ietf:params:oauth:request_uri:x" }, "invalid_request"],
    ["with a request object, without message signing", { request: "e30.e30.e30" }, "invalid_request"],
  ])("refuses a pushed request %s", async (_, over, error) => {
    const bank = await startBank()
    expect(told(await push(bank, over))).toEqual([400, error])
  })

  it("lets a request be opened twice, by nobody else, and answers it once", async () => {
    const bank = await startBank()
    const pushed = await push(bank)
    const other = await startBank()
    expect((await open({ ...bank, clientId: other.clientId }, pushed)).href).toBe("about:blank")
    const [first, second] = [await open(bank, pushed), await open(bank, pushed)]
    expect(first.searchParams.has("code")).toBe(true)
    expect(second.searchParams.has("code")).toBe(false)
  })

  it("issues no token without a proof of possession, or with the one of another key than was asked for", async () => {
    const bank = await startBank()
    const location = await open(bank, await push(bank, { dpop_jkt: proofKey.jkt }))
    expect(told(await redeem(bank, location, {}, {}))).toEqual([400, "invalid_dpop_proof"])
    const other = await dpopHeader(bank, await newDpopKey())
    expect(told(await redeem(bank, location, {}, other))).toEqual([400, "invalid_grant"])
  })

  it("spends a code once, and lets it go after a minute", async () => {
    const bank = await startBank()
    const location = await open(bank, await push(bank))
    expect((await redeem(bank, location)).status).toBe(200)
    expect(told(await redeem(bank, location))).toEqual([400, "invalid_grant"])
    const late = await open(bank, await push(bank))
    bank.clock.pass(60)
    expect(told(await redeem(bank, late))).toEqual([400, "invalid_grant"])
  })

  it("is not made with references that can be opened for ten minutes", () => {
    expect(() => fapi2Features({ requestLifetime: 600 })).toThrow(ConfigFault)
  })
})

describe("message signing", () => {
  it("answers a request that the client signed by a JWT of the server", async () => {
    const bank = await startBank({ messageSigning: "required" })
    const location = await open(bank, await pushSigned(bank))
    const { iss, aud, code, state } = decodeJwt(location.searchParams.get("response")!)
    expect([iss, aud, state]).toEqual([ISSUER, bank.clientId, "s"])
    location.searchParams.set("code", String(code))
    expect((await redeem(bank, location)).status).toBe(200)
  })

  it("refuses a request that is not signed, where all are to be", async () => {
    expect(told(await push(await startBank({ messageSigning: "required" })))).toEqual([400, "invalid_request"])
    expect((await push(await startBank({ messageSigning: "on" }))).status).toBe(201)
  })

  it.each([
    ["that says not until when it holds", { exp: undefined }],
    ["that says not from when it holds", { nbf: undefined }],
    ["for another server", { aud: "https://other.example" }],
  ])("refuses a request object %s", async (_, over) => {
    expect(told(await pushSigned(await startBank({ messageSigning: "on" }), over))).toEqual([
      400,
      "invalid_request_object",
    ])
  })

  it("takes no request object by RS256", async () => {
    const bank = await startBank({ messageSigning: "on" })
    const rsa = await newSigningKey("RS256", "1")
    const forged = await signedBy(rsa, { aud: ISSUER, client_id: bank.clientId, ...usual })
    const answer = await bank.wire.post("/par", {
      client_id: bank.clientId,
      request: forged,
      ...(await proven(bank)),
    })
    expect(told(answer)).toEqual([400, "invalid_request_object"])
  })
})
