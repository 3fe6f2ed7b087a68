/** Tokens that are bound to a key at a protected resource (RFC 9449 7, 8, 9, 11): A30, A31. */
import { beforeEach, describe, expect, it } from "vitest"
import { dpopChallenge } from "../../src/protocol/index.ts"
import { ResourceFault, type ProofOptions, type ProtectOptions, type VerifiedAccess } from "../../src/resource/index.ts"
import { newDpopKey, type DpopKey, type Oddity } from "../support/DpopKey.ts"
import { manualClock } from "../support/ManualClock.ts"
import { doors, METADATA_URL, protectedNotes, RESOURCE, type Asked } from "./Protected.ts"

const SECRET = "a secret that the instances share"
const key = await newDpopKey()
const otherKey = await newDpopKey()

const access = (token: string, more: Partial<VerifiedAccess> = {}): VerifiedAccess => ({
  token,
  scopes: ["read", "write"],
  resource: [RESOURCE],
  subject: "sub_1",
  ...more,
})

/** A careless one: it says what it knows, whoever asks. */
const verifier: ProtectOptions["verifier"] = {
  verify: (token) =>
    Promise.resolve(
      {
        bound: access(token, { jkt: key.jkt }),
        elsewhere: access(token, { jkt: key.jkt, resource: ["https://other.example.com/"] }),
        reader: access(token, { jkt: key.jkt, scopes: ["read"] }),
        plain: access(token),
      }[token],
    ),
}

let clock = manualClock()
beforeEach(() => {
  clock = manualClock()
})

const proofFor = (token: string, by: DpopKey = key, more: Oddity & { method?: string; nonce?: string } = {}) => {
  const { method = "GET", ...rest } = more
  return by.proof(method, RESOURCE, { token, now: clock.now(), ...rest })
}

describe.each(doors)("$name", ({ open }) => {
  const opened = async (dpop?: ProofOptions, options: Partial<ProtectOptions> = {}) => {
    const { resource, told } = protectedNotes({
      verifier,
      now: () => clock.now(),
      ...(dpop === undefined ? {} : { dpop }),
      ...options,
    })
    const ask = await open(resource)
    const show = (token: string, proof: string | ReadonlyArray<string>, more: Asked = {}) =>
      ask({ authorization: [`DPoP ${token}`], dpop: [proof].flat(), ...more })
    return { ask, show, told }
  }

  //= RFC9449-7.1-rs-all-checks
  it("lets in who proves the key of the token for this very request: RFC9449-7.1-rs-all-checks", async () => {
    const { show } = await opened()
    expect(await show("bound", await proofFor("bound"))).toMatchObject({ status: 200 })
    expect(await show("bound", await proofFor("bound", key, { method: "POST" }), { method: "POST" })).toMatchObject({
      status: 200,
    })
    expect(await show("bound", await proofFor("bound"), { path: "/notes?a=b" })).toMatchObject({ status: 200 })
    const wrong: Readonly<Record<string, string | ReadonlyArray<string>>> = {
      "no proof": [],
      "two proofs": [await proofFor("bound"), await proofFor("bound")],
      "another method": await proofFor("bound", key, { method: "POST" }),
      "another address": await proofFor("bound", key, { claims: { htu: "https://api.example.com/other" } }),
      "another host": await proofFor("bound", key, { claims: { htu: "https://evil.example/notes" } }),
      "another token": await proofFor("other"),
      "no token": await proofFor("bound", key, { claims: { ath: undefined } }),
      "another key in it": await proofFor("bound", key, { signer: otherKey }),
      "another type": await proofFor("bound", key, { header: { typ: "at+jwt" } }),
    }
    for (const [what, proof] of Object.entries(wrong)) {
      const { status, challenge } = await show("bound", proof)
      expect([what, status, dpopChallenge(challenge)?.error]).toEqual([what, 401, "invalid_dpop_proof"])
    }
    const stranger = await show("bound", await proofFor("bound", otherKey))
    expect([stranger.status, dpopChallenge(stranger.challenge)?.error]).toEqual([401, "invalid_token"])
  })

  //= MCP-DPOP-iat-window
  it("refuses a proof that is five minutes off its clock, either way: MCP-DPOP-iat-window", async () => {
    const { show } = await opened()
    const at = (seconds: number) => proofFor("bound", key, { claims: { iat: clock.now() / 1000 + seconds } })
    for (const seconds of [-299, 299]) expect((await show("bound", await at(seconds))).status).toBe(200)
    for (const seconds of [-301, -300, 300, 301]) {
      const { status, challenge } = await show("bound", await at(seconds))
      expect([status, dpopChallenge(challenge)?.error]).toEqual([401, "invalid_dpop_proof"])
    }
  })

  //= RFC9449-7.2-no-bearer-downgrade
  //= A31
  it("lets nobody use a bound token as a bearer's, or a bearer's with a proof: RFC9449-7.2-no-bearer-downgrade", async () => {
    const { ask, show } = await opened({})
    const bearer = await ask({ authorization: ["Bearer bound"], dpop: [await proofFor("bound")] })
    expect(bearer).toMatchObject({ status: 401, challenge: expect.stringContaining('Bearer resource_metadata="') })
    expect(bearer.challenge).toContain('error="invalid_token"')
    const plain = await show("plain", await proofFor("plain"))
    expect([plain.status, dpopChallenge(plain.challenge)?.error]).toEqual([401, "invalid_token"])
    expect(await ask({ authorization: ["Bearer plain"] })).toMatchObject({ status: 200 })
  })

  //= RFC9449-11.1-replay-window
  //= A30
  it("takes each proof once, of eight that come at once too: RFC9449-11.1-replay-window", async () => {
    const { show } = await opened()
    const proof = await proofFor("bound")
    const answers = await Promise.all(Array.from({ length: 8 }, () => show("bound", proof)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(401)])
    clock.pass(299)
    expect((await show("bound", proof)).body).toContain("used before")
    clock.pass(1)
    expect((await show("bound", proof)).body).toContain("too old")
  })

  it("remembers no proof of who has no good token, and one of who lacks a scope", async () => {
    const uses: Array<string> = []
    const { show } = await opened({ isFirstUse: (id) => uses.push(id) === uses.indexOf(id) + 1 })
    for (const token of ["unknown", "elsewhere", "plain"]) await show(token, await proofFor(token))
    expect(uses).toEqual([])
    const proof = await proofFor("reader")
    expect((await show("reader", proof)).status).toBe(403)
    expect(uses).toHaveLength(1)
    expect(dpopChallenge((await show("reader", await proofFor("reader"))).challenge)).toEqual({
      error: "insufficient_scope",
      scopes: ["read", "write"],
      resourceMetadata: METADATA_URL,
    })
    expect((await show("reader", proof)).status).toBe(401)
  })

  it("asks the memory that instances share, and has everybody come again when that fails", async () => {
    const shared = new Map<string, number>()
    const isFirstUse = async (id: string, until: number) => {
      if (shared.has(id)) return false
      shared.set(id, until)
      return true
    }
    const [one, other] = [await opened({ isFirstUse }), await opened({ isFirstUse })]
    const proof = await proofFor("bound")
    expect((await one.show("bound", proof)).status).toBe(200)
    expect((await other.show("bound", proof)).status).toBe(401)
    expect([...shared.values()]).toEqual([clock.now() + 300_000])
    const down = await opened({ isFirstUse: () => Promise.reject(new Error("the memory is down")) })
    expect(await down.show("bound", await proofFor("bound"))).toMatchObject({ status: 503, retryAfter: "1" })
    expect(down.told).toEqual([expect.stringContaining("isFirstUse")])
  })

  //= RFC9449-8-nonce
  it("wants the nonce that it gives, and gives the next one with its answers: RFC9449-8-nonce", async () => {
    const { show } = await opened({ nonceSecret: SECRET })
    const first = await show("bound", await proofFor("bound"))
    expect([first.status, dpopChallenge(first.challenge)?.error]).toEqual([401, "use_dpop_nonce"])
    expect(first.exposeHeaders).toContain("DPoP-Nonce")
    const nonce = first.nonce!
    expect(await show("bound", await proofFor("bound", key, { nonce }))).toMatchObject({ status: 200, nonce: null })
    clock.pass(300)
    const renewed = await show("bound", await proofFor("bound", key, { nonce }))
    expect(renewed.status).toBe(200)
    expect([null, nonce]).not.toContain(renewed.nonce)
    clock.pass(300)
    expect((await show("bound", await proofFor("bound", key, { nonce }))).status).toBe(401)
    expect((await show("bound", await proofFor("bound", key, { nonce: renewed.nonce! }))).status).toBe(200)
  })

  it("knows the nonces of every instance that has the same secret", async () => {
    const instance = (nonceSecret: string) => opened({ nonceSecret })
    const [one, other, stranger] = [await instance(SECRET), await instance(SECRET), await instance(`other ${SECRET}`)]
    const { nonce } = await one.show("bound", await proofFor("bound"))
    const proof = () => proofFor("bound", key, { nonce: nonce! })
    expect((await other.show("bound", await proof())).status).toBe(200)
    expect((await stranger.show("bound", await proof())).status).toBe(401)
  })

  it("invites to proofs where that is configured, and takes nothing else where they are required", async () => {
    const algs = 'algs="ES256 EdDSA"'
    const dpop = { algorithms: ["ES256", "EdDSA"] } as const
    const both = await (await opened(dpop)).ask()
    expect(both.challenge).toMatch(/^Bearer resource_metadata=.*, DPoP resource_metadata=/)
    expect(both.challenge).toContain(algs)
    const { ask, show } = await opened({ ...dpop, isRequired: true })
    expect((await ask()).challenge).toMatch(/^DPoP /)
    const plain = await ask({ authorization: ["Bearer plain"] })
    expect([plain.status, dpopChallenge(plain.challenge)?.error]).toEqual([401, "invalid_token"])
    expect((await show("bound", await proofFor("bound"))).status).toBe(200)
    const document = await ask({ path: new URL(METADATA_URL).pathname })
    expect(JSON.parse(document.body)).toMatchObject({
      dpop_signing_alg_values_supported: ["ES256", "EdDSA"],
      dpop_bound_access_tokens_required: true,
    })
    expect((await (await opened()).ask()).challenge).not.toContain("DPoP")
  })
})

describe("authenticate", () => {
  it("takes a bound token with the request that it came with, and not without", async () => {
    const { resource } = protectedNotes({ verifier, now: () => clock.now() })
    const request = { method: "GET", url: "/notes?a=b", dpop: await proofFor("bound") }
    expect(await resource.authenticate("DPoP bound", request)).toMatchObject({ token: "bound" })
    await expect(resource.authenticate("DPoP bound")).rejects.toMatchObject({ code: "invalid_dpop_proof" })
    await expect(resource.authenticate("Bearer bound")).rejects.toMatchObject({ code: "invalid_token" })
  })
})

describe("the options for proofs", () => {
  it.each<[string, object]>([
    ["algorithms", { algorithms: ["HS256"] }],
    ["algorithm", { algorithms: [] }],
    ["maxAgeSeconds", { maxAgeSeconds: 0 }],
    ["nonceSecret", { nonceSecret: "short" }],
    ["isFirstUse", { isFirstUse: true }],
    ["isRequird", { isRequird: true }],
  ])("that cannot be worked with are refused by their name: %s", (word, dpop) => {
    expect(() => protectedNotes({ dpop })).toThrow(ResourceFault)
    expect(() => protectedNotes({ dpop })).toThrow(word)
  })
})
