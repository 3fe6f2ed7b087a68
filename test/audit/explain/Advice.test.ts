/** What somebody is told to do next, and how to prove what was said: commands that can be typed as they stand. */
import { describe, expect, it } from "vitest"
import { adviceFor, archivedAdvice, forgedAdvice, quoted, unknownAdvice } from "../../../src/audit/explain/Advice.ts"
import type { Explained } from "../../../src/audit/explain/Explanation.ts"

const alive = { status: "alive", until: null, cause: null, others: [] }
const line = (position: number, over: object = {}) => ({
  position,
  type: "GrantRevoked",
  correlationId: `request-${position}`,
  isRequestOriginSealed: false,
  ...over,
})

/** The commands for a token of which nothing is known but this. */
const advised = (over: object) => {
  const one = {
    isOurs: true,
    kind: "access token",
    id: "the-digest",
    grantId: "g1",
    clientId: "app",
    subjectId: "sub_alice",
    standing: alive,
    chain: [],
    ancestry: [],
    presentations: [],
    descendants: [],
    siblings: [],
    grants: [],
    ...over,
  } as unknown as Explained
  const { next, proof } = adviceFor(one)
  const told = (commands: typeof next) => commands.map(({ command, purpose }) => `${command} # ${purpose}`)
  return { next: told(next), proof: told(proof) }
}
const dead = { ...alive, status: "dead", cause: { isTheft: false } }
const stolen = { ...alive, status: "dead", cause: { isTheft: false }, others: [{ isTheft: true }] }

const blast = (id: string, what: string) => `grantlog blast-radius ${id} # everything of ${what} that is alive`
const revoke = "grantlog grant revoke g1 # end all of it, at once"
const history = "grantlog history --grant g1 # everything that happened to its grant"

describe("of a token", () => {
  it("that is alive, or has something alive beside it, the grant can be looked at and ended", () => {
    const next = [blast("g1", "this grant"), revoke, history]
    expect(advised({}).next).toEqual(next)
    expect(advised({ standing: dead, siblings: [{}] }).next).toEqual(next)
    expect(advised({ standing: dead, descendants: [{}] }).next).toEqual(next)
    expect(advised({ standing: dead }).next).toEqual([history])
  })

  it("that was stolen its client and its subject are looked at, and the request that proved it", () => {
    const reuse = line(7, { type: "RefreshTokenReused" })
    expect(advised({ standing: stolen, chain: [line(3), reuse, line(8)] }).next).toEqual([
      "grantlog blast-radius app # what else its client holds: whoever copied this may have copied more",
      "grantlog history --correlation request-7 # the request that proved it",
      history,
      "grantlog explain sub_alice # whose it was, and what else of theirs is alive",
    ])
    const replay = line(9, { type: "AuthorizationCodeReplayed" })
    expect(advised({ standing: stolen, chain: [replay] }).next[1]).toBe(
      "grantlog history --correlation request-9 # the request that proved it",
    )
    expect(advised({ standing: stolen, clientId: null, subjectId: null, chain: [reuse] }).next).toEqual([history])
    expect(advised({ standing: stolen, subjectId: null }).next).toEqual([
      "grantlog blast-radius app # what else its client holds: whoever copied this may have copied more",
      history,
    ])
  })

  it("that is suspended its client can be enabled", () => {
    const standing = { ...alive, status: "suspended", cause: { isTheft: false } }
    const enable = "grantlog client enable app # resume it, if the client is to be trusted again"
    expect(advised({ standing }).next).toEqual([enable, history])
    expect(advised({ standing, clientId: null }).next).toEqual([history])
  })

  it("whose requests have a sealed origin it can be opened, unless it was", () => {
    const sealed = line(5, { isRequestOriginSealed: true })
    const open = "grantlog explain the-digest --request-origin # from which address it was asked for: personal data"
    for (const where of ["chain", "ancestry", "presentations"]) {
      expect(advised({ standing: dead, [where]: [line(4), sealed] }).next).toEqual([history, open])
      expect(advised({ standing: dead, [where]: [{ ...sealed, requestOrigin: {} }] }).next).toEqual([history])
    }
  })

  it("it is proven that it was issued here, and how it ended", () => {
    const issued = "grantlog prove the-digest # that it was issued here, to somebody who has only the verifier key"
    for (const kind of ["code", "access token", "refresh token"]) {
      expect(advised({ kind }).proof).toEqual([issued])
      expect(advised({ kind, chain: [line(3), line(8)] }).proof).toEqual([issued, "grantlog prove 8 # how it ended"])
    }
  })
})

describe("of a grant, a client or a subject", () => {
  it("it is proven how it began and how it ended, as far as that is known", () => {
    for (const kind of ["grant", "client", "subject"]) {
      expect(advised({ kind, ancestry: [line(2), line(4)], chain: [line(6)] }).proof).toEqual([
        "grantlog prove 2 # how it began",
        "grantlog prove 6 # how it ended",
      ])
      expect(advised({ kind }).proof).toEqual([])
    }
  })

  it("what it has alive, and everything that happened to it, can be asked for", () => {
    const owner = { grantId: null, id: "my app's" }
    expect(advised({ ...owner, kind: "client" }).next).toEqual([
      `${blast(String.raw`'my app'\''s'`, "it")}`,
      String.raw`grantlog history --client='my app'\''s' # everything that happened to it`,
    ])
    expect(advised({ ...owner, id: "sub_1", kind: "subject", standing: dead }).next).toEqual([
      "grantlog history --subject=sub_1 # everything that happened to it",
    ])
    expect(advised({ ...owner, id: "sub_1", kind: "subject", standing: dead, grants: [{}] }).next).toEqual([
      blast("sub_1", "it"),
      "grantlog history --subject=sub_1 # everything that happened to it",
    ])
    expect(advised({ grantId: null, standing: dead }).next).toEqual([])
  })
})

it("an id is quoted for a shell where it has to be", () => {
  expect(quoted("https://app.example:8080/a_b+c,d=%20@x-1")).toBe("https://app.example:8080/a_b+c,d=%20@x-1")
  expect(quoted("a b")).toBe("'a b'")
  expect(quoted("$(x)")).toBe("'$(x)'")
  expect(quoted("a;")).toBe("'a;'")
  expect(quoted(";a")).toBe("';a'")
  expect(quoted("it's 'so'")).toBe(String.raw`'it'\''s '\''so'\'''`)
  expect(quoted("")).toBe("''")
})

describe("of what is not ours", () => {
  it("nothing is to be done where nothing is known, and it may turn up where the index is behind", () => {
    expect(unknownAdvice(undefined, false)).toEqual({
      sentence: "nothing of that name or digest was ever issued or registered here",
      next: [],
      proof: [],
    })
    expect(unknownAdvice(undefined, true)).toEqual({
      sentence:
        "nothing of that name or digest is known so far: the index has not come to the end of the log, ask again when it has",
      next: [],
      proof: [],
    })
  })

  it("what it names can be asked about", () => {
    expect(unknownAdvice("g 1", false)).toEqual({
      sentence: "never issued here, though it names the grant g 1, which is real: made up, altered or cut off",
      next: [{ command: "grantlog explain 'g 1'", purpose: "the grant that it names" }],
      proof: [],
    })
    expect(forgedAdvice("d1", "its scope is another")).toEqual({
      sentence: "never issued here as it is, though it names a token that was: its scope is another",
      next: [{ command: "grantlog explain d1", purpose: "the token that it names" }],
      proof: [],
    })
    expect(archivedAdvice({ grantId: "g1", archive: 3, file: "old one.archive", entryCount: 12 })).toEqual({
      sentence:
        "grant g1 has ended, and its 12 entries are in archive 3, made as old one.archive: name that file with --archive",
      next: [
        {
          command: "grantlog explain g1 --archive 'old one.archive'",
          purpose: "what happened to it, from the archive",
        },
      ],
      proof: [],
    })
  })
})
