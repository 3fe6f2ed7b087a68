/**
 * What the OpenID Foundation's suites for FAPI 2.0 look for besides `Fapi2.test.ts`, in our own words: what a client of the
 * profile may do, and what it does not get away with. `test/conformance/Fapi2Modules.ts` says which module is which test.
 */
import { expect, describe, it } from "vitest"
import { decodeJwt } from "jose"
import { fapi2Features } from "../../../../src/provider/index.ts"
import { newSigningKey } from "../../../support/Assertions.ts"
import {
  dpopHeader,
  open,
  proofKey,
  proven,
  push,
  pushSigned,
  redeem,
  requestObject,
  secondClient,
  startBank,
  told,
  usual,
  type Bank,
  type Said,
} from "../../../support/Bank.ts"
import { newDpopKey } from "../../../support/DpopKey.ts"
import { newBrowser, startFrontDoor } from "../../../support/FrontDoor.ts"
import { ISSUER } from "../../../support/TestServer.ts"
import { REDIRECT_URI, formOf, wireClient } from "../../../support/WireClient.ts"

const tokensOf = async (bank: Bank) => (await redeem(bank, await open(bank, await push(bank)))).body

const refresh = async (bank: Bank, token: string, over: Said = {}, headers?: Readonly<Record<string, string>>) =>
  bank.wire.post(
    "/token",
    { grant_type: "refresh_token", refresh_token: token, client_id: bank.clientId, ...(await proven(bank)), ...over },
    headers ?? (await dpopHeader(bank)),
  )

describe("an authorization request of the profile", () => {
  it("gets no state back where it sent none", async () => {
    const bank = await startBank()
    const location = await open(bank, await push(bank, { state: undefined }))
    expect([location.searchParams.has("code"), location.searchParams.has("state")]).toEqual([true, false])
  })

  it("gets a state of a thousand characters back as it was", async () => {
    const bank = await startBank()
    const state = "state".repeat(200)
    expect((await open(bank, await push(bank, { state }))).searchParams.get("state")).toBe(state)
  })

  it("may name its scopes in any order", async () => {
    const bank = await startBank()
    const [one, other] = [await push(bank, { scope: "read write" }), await push(bank, { scope: "write read" })]
    const scopes = [await redeem(bank, await open(bank, one)), await redeem(bank, await open(bank, other))]
    expect(scopes.map(({ body }) => new Set(body.scope?.split(" ")))).toEqual([
      new Set(["read", "write"]),
      new Set(["read", "write"]),
    ])
  })

  it("is pushed by POST alone", async () => {
    const bank = await startBank()
    const query = formOf({ client_id: bank.clientId, ...usual, ...(await proven(bank)) })
    expect((await bank.wire.get(`/par?${query}`)).status).toBe(405)
  })

  it("cannot be opened when its time is over", async () => {
    const bank = await startBank()
    const pushed = await push(bank)
    bank.clock.pass(Number(pushed.body.expires_in))
    const { searchParams } = await open(bank, pushed)
    expect([searchParams.get("error"), searchParams.has("code")]).toEqual(["invalid_request_uri", false])
  })

  it("may be opened before anybody signed in, again, and then be answered; or be denied", async () => {
    const door = await startFrontDoor({ features: fapi2Features() })
    const wire = wireClient(door.url)
    const key = await newSigningKey("ES256", "1")
    const registered = await wire.register({
      redirect_uris: [REDIRECT_URI],
      token_endpoint_auth_method: "private_key_jwt",
      jwks: { keys: [key.jwk] },
    })
    const bank = { ...door, wire, key, clientId: registered.body.client_id!, metadata: {} }
    const pushed = async () =>
      `/authorize?${formOf({ client_id: bank.clientId, request_uri: String((await push(bank, {}, { claims: { aud: door.issuer } })).body["request_uri"]) })}`
    const [page, other] = [await pushed(), await pushed()]
    const alice = newBrowser(door.issuer, door.carry)
    expect((await alice.follow(await alice.get(page))).text).toContain("Sign in")
    const allowed = await alice.submit(await alice.walk(page), "/consent", { decision: "allow" })
    expect(new URL(allowed.location!).searchParams.has("code")).toBe(true)
    const denied = new URL((await alice.submit(await alice.walk(other), "/consent", { decision: "deny" })).location!)
    const { searchParams } = denied
    expect([searchParams.get("error"), searchParams.get("state"), searchParams.get("iss")]).toEqual([
      "access_denied",
      "s",
      door.issuer,
    ])
  })
})

describe("a client of the profile proves itself at the token endpoint", () => {
  it.each<readonly [string, (bank: Bank) => Said | Promise<Said>]>([
    ["without an assertion", () => ({ client_assertion: undefined, client_assertion_type: undefined })],
    ["with one that ended five minutes ago", (bank) => assertedWith(bank, { exp: secondsOf(bank) - 300 })],
    ["with one that is about nobody", (bank) => assertedWith(bank, { sub: undefined })],
    ["with one for another server", (bank) => assertedWith(bank, { aud: "https://other.example" })],
    ["with one for the token endpoint", (bank) => assertedWith(bank, { aud: `${ISSUER}/token` })],
    ["with one for a list of servers", (bank) => assertedWith(bank, { aud: [ISSUER] })],
  ])("and not %s", async (_, over) => {
    const bank = await startBank()
    const location = await open(bank, await push(bank))
    const answer = await redeem(bank, location, await over(bank))
    expect(told(answer)).toEqual([401, "invalid_client"])
    expect((await redeem(bank, location)).status).toBe(200)
  })

  it("and not by RS256", async () => {
    const bank = await startBank()
    const rsa = await newSigningKey("RS256", "1")
    const forged = await proven({ ...bank, key: rsa })
    expect(told(await redeem(bank, await open(bank, await push(bank)), forged))).toEqual([401, "invalid_client"])
  })

  it("and not beside the name of another client", async () => {
    const bank = await startBank()
    const other = await secondClient(bank)
    const answer = await redeem(bank, await open(bank, await push(bank)), { client_id: other.clientId })
    expect([400, 401]).toContain(answer.status)
    expect(["invalid_client", "invalid_request"]).toContain(answer.body.error)
  })

  it("for its own code alone", async () => {
    const bank = await startBank()
    const other = await secondClient(bank)
    const location = await open(bank, await push(bank))
    const stolen = await redeem(other, location)
    expect(told(stolen)).toEqual([400, "invalid_grant"])
    expect((await redeem(bank, location)).status).toBe(200)
  })

  it.each<readonly [string, Said]>([
    ["without the verifier", { code_verifier: undefined }],
    ["with another verifier", { code_verifier: "another-verifier-that-is-long-enough-to-be-one-0" }],
  ])("and redeems nothing %s", async (_, over) => {
    const bank = await startBank()
    expect(told(await redeem(bank, await open(bank, await push(bank)), over))).toEqual([400, "invalid_grant"])
  })

  it("and refreshes its own tokens alone, each time by an assertion and a proof", async () => {
    const bank = await startBank()
    const { refresh_token: token = "" } = await tokensOf(bank)
    const bare = { client_assertion: undefined, client_assertion_type: undefined }
    expect(told(await refresh(bank, token, bare))).toEqual([401, "invalid_client"])
    expect(told(await refresh(bank, token, {}, {}))).toEqual([400, "invalid_dpop_proof"])
    expect(told(await refresh(await secondClient(bank), token))).toEqual([400, "invalid_grant"])
    expect((await refresh(bank, token)).body.token_type).toBe("DPoP")
  })
})

describe("a proof of possession", () => {
  const at = (bank: Bank, path: string, claims: object = {}, key = proofKey) =>
    key.proof("POST", `${ISSUER}${path}`, { now: bank.clock.now(), claims: { ...claims } })

  const pushWith = async (bank: Bank, dpop: string, over: Said = {}) =>
    bank.wire.post("/par", { client_id: bank.clientId, ...usual, ...(await proven(bank)), ...over }, { dpop })

  it("when the request is pushed, or its thumbprint in the request, binds the code to that key", async () => {
    const bank = await startBank()
    const other = await newDpopKey()
    const byProof = await open(bank, await pushWith(bank, await at(bank, "/par")))
    expect(told(await redeem(bank, byProof, {}, await dpopHeader(bank, other)))).toEqual([400, "invalid_grant"])
    expect((await redeem(bank, byProof)).status).toBe(200)
    const byName = await open(bank, await push(bank, { dpop_jkt: proofKey.jkt }))
    expect((await redeem(bank, byName)).status).toBe(200)
    const both = await open(bank, await pushWith(bank, await at(bank, "/par"), { dpop_jkt: proofKey.jkt }))
    expect((await redeem(bank, both)).status).toBe(200)
  })

  it("is refused when the request is pushed with the thumbprint of another key", async () => {
    const bank = await startBank()
    const { jkt } = await newDpopKey()
    const answer = await pushWith(bank, await at(bank, "/par"), { dpop_jkt: jkt })
    expect([answer.status, ["invalid_dpop_proof", "invalid_request"].includes(answer.body.error ?? "")]).toEqual([
      400,
      true,
    ])
  })

  it.each([-10, 10])("may be %d seconds off, at both endpoints", async (seconds) => {
    const bank = await startBank()
    const iat = secondsOf(bank) + seconds
    const location = await open(bank, await pushWith(bank, await at(bank, "/par", { iat })))
    expect((await redeem(bank, location, {}, { dpop: await at(bank, "/token", { iat }) })).status).toBe(200)
  })

  it("may say from when and until when it holds", async () => {
    const bank = await startBank()
    const now = secondsOf(bank)
    const dpop = await at(bank, "/token", { nbf: now - 5, exp: now + 60 })
    expect((await redeem(bank, await open(bank, await push(bank)), {}, { dpop })).status).toBe(200)
  })
})

describe("a request object of message signing", () => {
  const signing = { messageSigning: "required" } as const

  it.each<readonly [string, (now: number) => Readonly<Record<string, unknown>>]>([
    ["that has expired", (now) => ({ nbf: now - 120, exp: now - 60 })],
    ["that holds for more than an hour", (now) => ({ exp: now + 3700 })],
    ["that began to hold more than an hour ago", (now) => ({ nbf: now - 3700 })],
    ["that does not hold yet", (now) => ({ nbf: now + 120 })],
    ["with a reference to another in it", () => ({ request_uri: "urn:ietf:params:oauth:request_uri:x" })],
    ["without a redirect URI", () => ({ redirect_uri: undefined })],
  ])("is refused: one %s", async (_, over) => {
    const bank = await startBank(signing)
    const { status, body } = await pushSigned(bank, over(secondsOf(bank)))
    expect([status, ["invalid_request_object", "invalid_request"].includes(body.error ?? "")]).toEqual([400, true])
  })

  it("is taken that begins to hold in eight seconds, and one for several servers, this among them", async () => {
    const bank = await startBank(signing)
    const now = secondsOf(bank)
    expect((await pushSigned(bank, { nbf: now + 8, exp: now + 200 })).status).toBe(201)
    expect((await pushSigned(bank, { aud: ["https://other.example", ISSUER] })).status).toBe(201)
  })

  it("is signed by its own client: not by another, not by nobody, and nothing in it was changed", async () => {
    const bank = await startBank(signing)
    const other = await secondClient(bank)
    const [header = "", claims = "", signature = ""] = (await requestObject(bank)).split(".")
    const none = Buffer.from(JSON.stringify({ alg: "none" })).toString("base64url")
    const flipped = `${signature[0] === "A" ? "B" : "A"}${signature.slice(1)}`
    for (const forged of [
      await requestObject(bank, {}, other.key),
      `${none}.${claims}.`,
      `${header}.${claims}.${flipped}`,
    ]) {
      expect(told(await pushSigned(bank, {}, forged))).toEqual([400, "invalid_request_object"])
    }
  })

  it("is all there is: what stands beside it, or beside its reference, counts for nothing", async () => {
    const bank = await startBank(signing)
    const answered = async (over: Readonly<Record<string, unknown>>) => {
      const pushed = await bank.wire.post("/par", {
        client_id: bank.clientId,
        state: "outside",
        request: await requestObject(bank, over),
        ...(await proven(bank)),
      })
      if (pushed.status !== 201) return "refused"
      const uri = String(pushed.body["request_uri"])
      const path = `/authorize?${formOf({ client_id: bank.clientId, request_uri: uri, state: "outside" })}`
      const { headers } = await (bank.visit ?? bank.wire.get)(path)
      const { state } = decodeJwt(new URL(headers.get("location")!).searchParams.get("response")!)
      return state
    }
    expect(await answered({ state: "inside" })).toBe("inside")
    expect(await answered({ state: undefined })).toBeUndefined()
  })
})

const secondsOf = ({ clock }: Pick<Bank, "clock">): number => Math.floor(clock.now() / 1000)

const assertedWith = (bank: Bank, claims: Readonly<Record<string, unknown>>) => proven(bank, { claims })
