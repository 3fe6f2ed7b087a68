/** What a text may mean: ids and digests as they are, a secret only as its digest, and never a name that may be a secret. */
import { hash } from "node:crypto"
import { describe, expect, it } from "vitest"
import { pastedQuestion, questionOf, withoutIdMark } from "../../../src/audit/explain/Question.ts"
import { hasSecret } from "../../../src/audit/explain/SecretText.ts"

const GRANT = "3yWzUkQ0cWq5tPzvBxN7aB"
const DIGEST = "Qm9yZWFsaXMtYWNjZXNzLXRva2VuLWRpZ2VzdC0wMDE"
const HEX = Buffer.from(DIGEST, "base64url").toString("hex")
const TOKEN = `gla_${GRANT}${"x".repeat(49)}`
const digestOf = (text: string) => hash("sha256", text, "base64url")

const client = (clientId: string) => ({ _tag: "Client", clientId })
const byDigest = [
  { _tag: "Token", digest: DIGEST },
  { _tag: "Metadata", digest: DIGEST },
]

describe("an id means", () => {
  it.each([
    ["a digest", DIGEST, [...byDigest, client(DIGEST)]],
    ["a digest in hexadecimal", HEX, [...byDigest, client(HEX)]],
    ["a digest in capitals", HEX.toUpperCase(), [...byDigest, client(HEX.toUpperCase())]],
    ["a grant", GRANT, [{ _tag: "Grant", grantId: GRANT }, client(GRANT)]],
    ["a subject", "sub_alice", [{ _tag: "Subject", subjectId: "sub_alice" }]],
    ["a client", "app", [client("app")]],
    ["a client, where it is too long for a digest", `${DIGEST}0`, [client(`${DIGEST}0`)]],
    ["a client, where it is too long for a digest in hexadecimal", `0${HEX}`, [client(`0${HEX}`)]],
    ["a client, where it goes on behind a digest in hexadecimal", `${HEX}0`, [client(`${HEX}0`)]],
    ["a client, where it begins before a digest", `0${DIGEST}`, [client(`0${DIGEST}`)]],
    ["a client, where it is too long for a grant", `${GRANT}0`, [client(`${GRANT}0`)]],
    ["a client, where it begins before a grant", `-${GRANT}`, [client(`-${GRANT}`)]],
    ["a client, where a subject's mark is inside", "my-sub_alice", [client("my-sub_alice")]],
  ])("%s", (_, text, meanings) => {
    expect(questionOf(text)).toEqual({ meanings, namedGrant: undefined, name: text })
  })

  it("what stands behind the mark of an id, and then it is no name; or a client that is called so", () => {
    expect(withoutIdMark("id:app")).toBe("app")
    expect(withoutIdMark("app:id:")).toBe("app:id:")
    expect(questionOf("id:sub_alice")).toEqual({
      meanings: [{ _tag: "Subject", subjectId: "sub_alice" }, client("id:sub_alice")],
      namedGrant: undefined,
      name: undefined,
    })
  })
})

describe("what is pasted means", () => {
  it("an id, where it has the form of one, whatever stands around it", () => {
    for (const id of [DIGEST, HEX, GRANT, "sub_alice"]) {
      for (const text of [id, `  ${id}\n`, `Bearer ${id}`, `bearer   ${id}`]) {
        expect(pastedQuestion(text)).toEqual(questionOf(id))
      }
    }
  })

  it("a token of ours, which names its grant, and of which only the digest is kept", () => {
    for (const text of [TOKEN, `Bearer ${TOKEN}`, `\t${TOKEN}\r\n`]) {
      const question = pastedQuestion(text)
      const meanings = [{ _tag: "Token", digest: digestOf(TOKEN) }]
      expect(question).toEqual({ meanings, namedGrant: GRANT, name: undefined })
      expect(JSON.stringify(question)).not.toContain(TOKEN)
    }
  })

  it("the token that a JWT names, or one that is hashed whole", () => {
    const part = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url")
    const jwt = `${part({ alg: "ES256", kid: "k" })}.${part({ jti: `${GRANT}.${DIGEST}` })}.c2ln`
    const question = pastedQuestion(jwt)
    expect(question).toMatchObject({ namedGrant: GRANT, name: undefined, jwt: { kid: "k", signature: "not checked" } })
    expect(question.meanings).toEqual([byDigest[0], { _tag: "Token", digest: digestOf(jwt) }])
    const other = `${part({ alg: "none" })}.${part({ jti: "else" })}.`
    expect(pastedQuestion(other)).toEqual({
      meanings: [{ _tag: "Token", digest: digestOf(other) }],
      namedGrant: undefined,
      name: undefined,
    })
  })

  it("somebody's secret first, and else what it is called", () => {
    const secret = { _tag: "Token", digest: digestOf("alice") }
    expect(pastedQuestion("alice")).toEqual({
      meanings: [secret, client("alice")],
      namedGrant: undefined,
      name: "alice",
    })
    expect(pastedQuestion("id:alice").name).toBeUndefined()
    expect(pastedQuestion("the bearer alice").name).toBe("the bearer alice")
  })
})

describe("a secret is told by its looks", () => {
  const id = "A".repeat(22)
  const header = "eyJhbGciOiJI"
  it.each([
    ...["gla_", "glr_", "glc_", "gld_", "gls_"].map((kind) => `${kind}${id}`),
    `see gla_${id}!`,
    `https://x.example/?token=gla_${id}`,
    `_gla_${id}`,
    `${header}.${header}.sig`,
    `${header}.12345678`,
    `token=${header}.12345678`,
    `-${header}.12345678`,
    `see ${header}.12345678`,
  ])("%s", (text) => {
    expect(hasSecret(text)).toBe(true)
  })

  it.each([
    "",
    "app",
    `glx_${id}`,
    `gla_${id.slice(1)}`,
    `xgla_${id}`,
    `0gla_${id}`,
    `gla-${id}`,
    header,
    `${header}.`,
    `${header}.1234567`,
    `${header}.!12345678`,
    `xyz${header}.12345678`,
    "eyJ1234567.12345678",
    `${header}!.12345678`,
    "client.json.example",
  ])("and not %j", (text) => {
    expect(hasSecret(text)).toBe(false)
  })
})
