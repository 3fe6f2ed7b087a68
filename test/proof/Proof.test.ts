/** What is a proof of a key for this request, and what is none (RFC 9449 4.3); A29, A30. */
import { createHmac } from "node:crypto"
import { readFileSync } from "node:fs"
import { calculateJwkThumbprint } from "jose"
import { describe, expect, it } from "vitest"
import { makeNonces } from "../../src/proof/Nonces.ts"
import { judgeProof } from "../../src/proof/Proof.ts"
import { proofAlgorithms, usualAlgorithms, type ProofRules } from "../../src/proof/Rules.ts"
import { vectors } from "../../spec/requirements/index.ts"
import { newDpopKey, type Oddity } from "../support/DpopKey.ts"
import { START_MILLIS } from "../support/ManualClock.ts"

const URL_ = "https://id.example.com/token"
const rules: ProofRules = { algorithms: usualAlgorithms, maxAgeSeconds: 300, maxAheadSeconds: 60 }
const key = await newDpopKey()
const stranger = await newDpopKey()

const judge = async (proof: string, { method = "POST", url = URL_, ...more }: Partial<Asked> = {}) =>
  judgeProof(
    { proofs: [proof], method, url, ...(more.token === undefined ? {} : { token: more.token }) },
    { ...rules, ...more.rules },
    more.now ?? START_MILLIS,
  )
interface Asked {
  readonly method: string
  readonly url: string
  readonly token: string
  readonly now: number
  readonly rules: Partial<ProofRules>
}
const faultOf = async (proof: string, asked?: Partial<Asked>) => {
  const judged = await judge(proof, asked)
  return "code" in judged ? `${judged.code}: ${judged.message}` : "taken"
}
const odd = async (oddity: Oddity) => faultOf(await key.proof("POST", URL_, oddity))

describe("the published vectors", () => {
  const { jkt, proofs } = JSON.parse(
    readFileSync(new URL("../../spec/vectors/dpop.json", import.meta.url), "utf8"),
  ) as {
    readonly jkt: string
    readonly proofs: ReadonlyArray<Record<"proof" | "method" | "url" | "token", string> & { readonly iat: number }>
  }

  it("are proofs of their key at their time, for their request alone (RFC 9449)", async () => {
    for (const { proof, method, url, token, iat } of proofs) {
      const asked = { method, url, now: iat * 1000, ...(token === undefined ? {} : { token }) }
      expect(await judge(proof, asked)).toMatchObject({ jkt })
      expect(await faultOf(proof, { ...asked, method: "PUT" })).toContain("htm")
      expect(await faultOf(proof, { ...asked, now: (iat + 300) * 1000 })).toContain("too old")
      expect(await faultOf(proof, { ...asked, token: "another" })).toContain("ath")
      const [head, , signature] = proof.split(".")
      const changed = Buffer.from(JSON.stringify({ jti: "other", htm: method, htu: url, iat })).toString("base64url")
      expect(await faultOf([head, changed, signature].join("."), { method, url, now: iat * 1000 })).toContain("signed")
    }
  })

  it("are thumbprints of their keys (RFC 7638 3.1)", async () => {
    const rsa = {
      kty: "RSA",
      n: "0vx7agoebGcQSuuPiLJXZptN9nndrQmbXEps2aiAFbWhM78LhWx4cbbfAAtVT86zwu1RK7aPFFxuhDR1L6tSoc_BJECPebWKRXjBZCiFV4n3oknjhMstn64tZ_2W-5JsGY4Hc5n9yBXArwl93lqt7_RN5w6Cf0h4QyQ5v-65YGjQR0_FDW2QvzqY368QQMicAtaSqzs8KJZgnYb9c7d0zgdAZHzu6qMQvRL5hajrn1n91CbOpbISD08qNLyrdkt-bFTWhAI4vMQFh6WeZu0fM4lFd2NcRwr3XPksINHaQ-G_xBniIqbw0Ls1jF44-csFCur-kEgU8awapJzKnqDKgw",
      e: "AQAB",
    }
    expect(vectors.find(({ id }) => id === "JWK-THUMB-7638")).toMatchObject({
      thumbprint: await calculateJwkThumbprint(rsa),
    })
  })
})

describe("a proof", () => {
  it.each(proofAlgorithms)("in %s is taken where that is allowed", async (alg) => {
    const { proof, jkt } = await newDpopKey(alg)
    expect(await judge(await proof("POST", URL_), { rules: { algorithms: [alg] } })).toMatchObject({ jkt })
    const others = proofAlgorithms.filter((one) => one !== alg)
    expect(await faultOf(await proof("POST", URL_), { rules: { algorithms: others } })).toContain("alg")
  })

  //= RFC9449-4.3-proof-checks
  it("comes in one header: RFC9449-4.3-proof-checks", async () => {
    const proofs = [await key.proof("POST", URL_), await key.proof("POST", URL_)]
    const asked = { method: "POST", url: URL_ }
    for (const sent of [[], proofs, [proofs.join(", ")]]) {
      expect(await judgeProof({ ...asked, proofs: sent }, rules, START_MILLIS)).toMatchObject({
        code: "invalid_dpop_proof",
        message: "send one DPoP header with one proof",
      })
    }
  })

  it.each(["", ".", "a.b.c", "é", `${"a".repeat(5000)}.b.c`, "e30.e30.", `${btoa('{"alg":"ES256"}')}.bm8.x`])(
    "is a signed JWT, and `%.20s` is none",
    async (text) => expect(await faultOf(text)).toMatch(/^invalid_dpop_proof: /),
  )

  it.each<[string, Oddity, string]>([
    ["has its typ", { header: { typ: "JWT" } }, "typ"],
    ["has a typ", { header: { typ: undefined } }, "typ"],
    ["has no private key", { header: { jwk: key.privateJwk } }, "jwk"],
    ["has a key", { header: { jwk: undefined } }, "jwk"],
    ["has one key", { header: { jwk: [key.publicJwk] } }, "signed"],
    ["has a key of its algorithm", { header: { jwk: { kty: "OKP", crv: "Ed25519", x: "AA" } } }, "signed"],
    ["has a key of texts", { header: { jwk: { ...key.publicJwk, x: 1 } } }, "jwk"],
    ["has no symmetric key", { header: { jwk: { kty: "oct", k: "c2VjcmV0" } } }, "jwk"],
    ["is signed by its own key", { signer: stranger }, "signed"],
    ["has no key from elsewhere", { header: { jwk: undefined, jku: "https://evil.example/k" } }, "jwk"],
    ["has no critical extension", { header: { crit: ["exp"], exp: 1 } }, "signed"],
    ["has an id", { claims: { jti: undefined } }, "jti"],
    ["has an id that is text", { claims: { jti: 1 } }, "jti"],
    ["has an id that is not empty", { claims: { jti: "" } }, "jti"],
    ["has a bounded id", { claims: { jti: "j".repeat(513) } }, "jti"],
    ["names the method", { claims: { htm: "GET" } }, "htm"],
    ["names the method as it is", { claims: { htm: "post" } }, "htm"],
    ["has a method", { claims: { htm: undefined } }, "htm"],
    ["names the address", { claims: { htu: "https://id.example.com/other" } }, "htu"],
    ["names the host", { claims: { htu: "https://evil.example/token" } }, "htu"],
    ["names an address", { claims: { htu: undefined } }, "htu"],
    ["names an absolute address", { claims: { htu: "/token" } }, "htu"],
    ["names an address without a person", { claims: { htu: "https://a@id.example.com/token" } }, "htu"],
    ["has a time", { claims: { iat: undefined } }, "iat"],
    ["has a time that is a number", { claims: { iat: String(START_MILLIS / 1000) } }, "iat"],
    ["is not too old", { claims: { iat: START_MILLIS / 1000 - 300 } }, "too old"],
    ["is not of the future", { claims: { iat: START_MILLIS / 1000 + 60 } }, "future"],
    ["is over when it says so", { claims: { exp: START_MILLIS / 1000 - 1 } }, "signed"],
  ])("%s", async (_rule, oddity, word) => {
    const told = await odd(oddity)
    expect(told).toMatch(/^invalid_dpop_proof: /)
    expect(told).toContain(word)
  })

  it.each([
    { claims: { iat: START_MILLIS / 1000 - 299 } },
    { claims: { iat: START_MILLIS / 1000 + 59 } },
    { claims: { htu: `${URL_}?query=1#fragment` } },
    { claims: { htu: "HTTPS://ID.example.com:443/%74oken" } },
    { header: { jwk: { ...key.publicJwk, use: "enc", key_ops: ["wrapKey"], alg: "RS256" } } },
    { claims: { ath: "of a token that is not presented", nonce: "that nobody asks for" } },
  ])("is taken in spite of %j", async (oddity) => expect(await odd(oddity)).toBe("taken"))

  //= A29
  it("with `none` or a secret for an algorithm is refused, whatever is allowed", async () => {
    const part = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url")
    const claims = part({ jti: "1", htm: "POST", htu: URL_, iat: START_MILLIS / 1000 })
    const unsigned = `${part({ typ: "dpop+jwt", alg: "none", jwk: key.publicJwk })}.${claims}`
    expect(await faultOf(`${unsigned}.`)).toContain("alg")
    const keyed = `${part({ typ: "dpop+jwt", alg: "HS256", jwk: key.publicJwk })}.${claims}`
    const mac = createHmac("sha256", JSON.stringify(key.publicJwk)).update(keyed).digest("base64url")
    expect(await faultOf(`${keyed}.${mac}`)).toContain("alg")
  })

  it("by an RSA key that is too short is refused", async () => {
    const short = await newDpopKey("RS256", { modulusLength: 1024 }).then(
      ({ publicJwk }) => publicJwk,
      () => ({ kty: "RSA", e: "AQAB", n: Buffer.alloc(128, 0xff).toString("base64url") }),
    )
    expect(await odd({ header: { alg: "RS256", jwk: short }, signer: await newDpopKey("RS256") })).toContain("signed")
  })

  it("for a token names that very token, and is one proof however often it is shown", async () => {
    const proof = await key.proof("GET", URL_, { token: "a" })
    expect(await faultOf(proof, { method: "GET", token: "a" })).toBe("taken")
    expect(await faultOf(proof, { method: "GET", token: "b" })).toContain("ath")
    expect(await faultOf(await key.proof("GET", URL_), { method: "GET", token: "a" })).toContain("ath")
    const [one, again] = [await judge(proof, { method: "GET" }), await judge(proof, { method: "GET" })]
    expect(one).toEqual(again)
    const sameId = { claims: { jti: "the same" } }
    const ids = await Promise.all(
      [key, key, stranger].map(async ({ proof: make }) => judge(await make("POST", URL_, sameId))),
    )
    const [first, second, other] = ids.map((judged) => ("id" in judged ? judged.id : undefined))
    expect(first).toBe(second)
    expect(other).not.toBe(first)
  })
})

describe("a nonce", () => {
  const nonces = makeNonces([new Uint8Array(32).fill(1)])
  const nonce = nonces.current(START_MILLIS)
  const asked = (isRequired: boolean) => ({ rules: { nonces: { ...nonces, isRequired } } })
  const make = (given?: unknown) => key.proof("POST", URL_, given === undefined ? {} : { claims: { nonce: given } })

  //= RFC9449-8-nonce
  it("that is required is in every proof, and a wrong one is answered with what to do", async () => {
    expect(await faultOf(await make(nonce), asked(true))).toBe("taken")
    for (const wrong of [undefined, "", "x", 7, `${nonce}x`]) {
      expect(await faultOf(await make(wrong), asked(true))).toMatch(/^use_dpop_nonce: /)
    }
  })

  it("that is optional may be left out, and is judged where it is not", async () => {
    expect(await faultOf(await make(), asked(false))).toBe("taken")
    expect(await faultOf(await make("x"), asked(false))).toMatch(/^use_dpop_nonce: /)
  })

  it("says nothing of a proof that is wrong anyway", async () => {
    const wrong = await key.proof("GET", URL_, { claims: { nonce: "x" } })
    expect(await faultOf(wrong, asked(true))).toMatch(/^invalid_dpop_proof: /)
  })
})
