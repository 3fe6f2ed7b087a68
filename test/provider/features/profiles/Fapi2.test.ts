/** The FAPI 2.0 Security Profile over HTTP: a client that keeps to it gets through, and each step left out is refused. */
import { describe, expect, it } from "vitest"
import { decodeJwt } from "jose"
import { ConfigFault, fapi2Features, type Fapi2Options } from "../../../../src/provider/index.ts"
import { assertionForm, assertionOf, newSigningKey, type Signed, type SigningKey } from "../../../support/Assertions.ts"
import { signedBy } from "../../../support/ClientSigning.ts"
import { newDpopKey } from "../../../support/DpopKey.ts"
import { ISSUER, overMemory, type TestServer } from "../../../support/TestServer.ts"
import {
  REDIRECT_URI,
  RESOURCE,
  challengeOf,
  formOf,
  newVerifier,
  wireClient,
  type Answer,
  type WireClient,
} from "../../../support/WireClient.ts"

type Said = Readonly<Record<string, string | undefined>>

interface Bank extends TestServer {
  readonly wire: WireClient
  readonly clientId: string
  readonly key: SigningKey
  readonly metadata: Readonly<Record<string, unknown>>
}

const proofKey = await newDpopKey()
const verifier = newVerifier()

const start = async (options: Fapi2Options = {}, alg = "ES256", member: object = {}): Promise<Bank> => {
  const server = await overMemory.start({ features: fapi2Features(options) })
  const wire = wireClient(server.url, {}, server.visit)
  const key = await newSigningKey(alg, "1")
  const { body } = await wire.register({
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: "private_key_jwt",
    grant_types: ["authorization_code", "refresh_token"],
    jwks: { keys: [key.jwk] },
    ...member,
  })
  const metadata = (await wire.get("/.well-known/oauth-authorization-server")).body
  return { ...server, wire, clientId: body.client_id!, key, metadata }
}

const proven = async ({ clientId, key, clock }: Bank, over: Partial<Signed> = {}) =>
  assertionForm(await assertionOf({ clientId, key, now: clock.now(), ...over }))

const usual = {
  response_type: "code",
  redirect_uri: REDIRECT_URI,
  code_challenge: challengeOf(verifier),
  code_challenge_method: "S256",
  resource: RESOURCE,
  state: "s",
}

const push = async (bank: Bank, over: Said = {}, signing: Partial<Signed> = {}) =>
  bank.wire.post("/par", { client_id: bank.clientId, ...usual, ...(await proven(bank, signing)), ...over })

const open = async (bank: Bank, { body }: Answer): Promise<URL> => {
  const path = `/authorize?${formOf({ client_id: bank.clientId, request_uri: String(body["request_uri"]) })}`
  const answer = await (bank.visit ?? bank.wire.get)(path)
  return new URL(answer.headers.get("location") ?? "about:blank")
}

const dpopHeader = async ({ clock }: Bank, by = proofKey) => ({
  dpop: await by.proof("POST", `${ISSUER}/token`, { now: clock.now() }),
})

const redeem = async (bank: Bank, location: URL, over: Said = {}, headers?: Readonly<Record<string, string>>) =>
  bank.wire.post(
    "/token",
    {
      grant_type: "authorization_code",
      code: location.searchParams.get("code") ?? "",
      code_verifier: verifier,
      redirect_uri: REDIRECT_URI,
      client_id: bank.clientId,
      ...(await proven(bank)),
      ...over,
    },
    headers ?? (await dpopHeader(bank)),
  )

const told = ({ status, body }: Answer) => [status, body.error]

describe.each(["PS256", "ES256", "Ed25519"])("a client that keeps to the profile and signs by %s", (alg) => {
  //= FAPI2-5.3.2-profile
  it("logs in and refreshes, with tokens that are bound to its key", async () => {
    const bank = await start({}, alg)
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
  it("says in its metadata what it asks for, and offers nothing else", async () => {
    const bank = await start()
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
      const bank = await start()
      const answer = await bank.wire.register({ redirect_uris: [REDIRECT_URI], token_endpoint_auth_method })
      expect(told(answer)).toEqual([400, "invalid_client_metadata"])
    },
  )

  it("judges no request that was not pushed", async () => {
    const bank = await start()
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
    const bank = await start()
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
    const bank = await start()
    expect(told(await push(bank, {}, { claims: { aud } }))).toEqual([401, "invalid_client"])
  })

  it("takes assertions of clocks up to 10 seconds ahead, and none of a minute ahead", async () => {
    const bank = await start()
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
    const bank = await start()
    expect(told(await push(bank, over))).toEqual([400, error])
  })

  it("lets a request be opened twice, by nobody else, and answers it once", async () => {
    const bank = await start()
    const pushed = await push(bank)
    const other = await start()
    expect((await open({ ...bank, clientId: other.clientId }, pushed)).href).toBe("about:blank")
    const [first, second] = [await open(bank, pushed), await open(bank, pushed)]
    expect(first.searchParams.has("code")).toBe(true)
    expect(second.searchParams.has("code")).toBe(false)
  })

  it("issues no token without a proof of possession, or with the one of another key than was asked for", async () => {
    const bank = await start()
    const location = await open(bank, await push(bank, { dpop_jkt: proofKey.jkt }))
    expect(told(await redeem(bank, location, {}, {}))).toEqual([400, "invalid_dpop_proof"])
    const other = await dpopHeader(bank, await newDpopKey())
    expect(told(await redeem(bank, location, {}, other))).toEqual([400, "invalid_grant"])
  })

  it("spends a code once, and lets it go after a minute", async () => {
    const bank = await start()
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
  const requestOf = async (bank: Bank, over: Readonly<Record<string, unknown>> = {}) => {
    const now = Math.floor(bank.clock.now() / 1000)
    const claims = { iss: bank.clientId, aud: ISSUER, client_id: bank.clientId, nbf: now, exp: now + 300 }
    return signedBy(bank.key, { ...claims, ...usual, response_mode: "jwt", ...over })
  }
  const pushSigned = async (bank: Bank, over: Readonly<Record<string, unknown>> = {}) =>
    bank.wire.post("/par", {
      client_id: bank.clientId,
      request: await requestOf(bank, over),
      ...(await proven(bank)),
    })

  it("answers a request that the client signed by a JWT of the server", async () => {
    const bank = await start({ messageSigning: "required" })
    const location = await open(bank, await pushSigned(bank))
    const { iss, aud, code, state } = decodeJwt(location.searchParams.get("response")!)
    expect([iss, aud, state]).toEqual([ISSUER, bank.clientId, "s"])
    location.searchParams.set("code", String(code))
    expect((await redeem(bank, location)).status).toBe(200)
  })

  it("refuses a request that is not signed, where all are to be", async () => {
    expect(told(await push(await start({ messageSigning: "required" })))).toEqual([400, "invalid_request"])
    expect((await push(await start({ messageSigning: "on" }))).status).toBe(201)
  })

  it.each([
    ["that says not until when it holds", { exp: undefined }],
    ["that says not from when it holds", { nbf: undefined }],
    ["for another server", { aud: "https://other.example" }],
  ])("refuses a request object %s", async (_, over) => {
    expect(told(await pushSigned(await start({ messageSigning: "on" }), over))).toEqual([400, "invalid_request_object"])
  })

  it("takes no request object by RS256", async () => {
    const bank = await start({ messageSigning: "on" })
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
