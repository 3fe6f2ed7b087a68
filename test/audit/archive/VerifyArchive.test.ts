/** Whether an archive is what was signed: every way in which it can be something else is named, in a sentence. */
import { Effect, Result } from "effect"
import { describe, expect, it } from "vitest"
import { verifyArchive } from "../../../src/audit/index.ts"
import type { ArchiveStatement } from "../../../src/audit/archive/Statement.ts"
import { leafHash, toStored, type Recorded, type RetiredStream, type StoredEntry } from "../../../src/log/index.ts"
import { eventsOf, recordedOf } from "../StoredLog.ts"
import { at, digest, grantId, login, redeemed, refresh } from "../../core/support/Facts.ts"
import { archived, begun, denied, key, revoked, signed, statementOf, storedOf, waiting } from "./InMemory.ts"

const run = Effect.runPromise
const [A, B, C] = ["a", "b", "c"].map((name) => `grant-${grantId(name)}`) as [string, string, string]

/** Issuer, client, A (8 entries), something that lives, B (2), C (8). */
const stored = storedOf(revoked("a"), denied(3, at(40)), waiting("b"), revoked("c"))

const world = async () => {
  const made = await archived(stored)
  const { content } = made
  const place = (stream: string, version: number) =>
    content.entries.findIndex((entry) => entry.stream === stream && entry.version === version)
  return {
    ...made,
    /** Signs again what it is now, or says to be. */
    sign: (over: Partial<ArchiveStatement> = {}) =>
      void (content.statement = signed({ ...statementOf(stored, content), ...over })),
    entry: (stream: string, version: number, over: Partial<StoredEntry> | undefined) => {
      const at = place(stream, version)
      if (over === undefined) content.entries.splice(at, 1)
      else content.entries[at] = { ...content.entries[at]!, ...over }
    },
    stream: (name: string, over: Partial<RetiredStream>) => {
      const at = content.streams.findIndex(({ stream }) => stream === name)
      content.streams[at] = { ...content.streams[at]!, ...over }
    },
    verified: () => run(verifyArchive(made.file(), key)),
  }
}

const presentedUnder = (keyId: string) => ({
  _tag: "Current" as const,
  successor: { refreshToken: digest("refresh-3"), accessToken: digest("access-3"), keyId: keyId as never },
})

type World = Awaited<ReturnType<typeof world>>

it("what was made of a log is what was signed", async () => {
  const { verified, content } = await world()
  expect(await verified()).toEqual(Result.succeed(statementOf(stored, content)))
})

it("what was made of a grant that was refreshed under several keys is what was signed", async () => {
  const [before, after] = [
    eventsOf(...redeemed, refresh(1), refresh(2, { presented: presentedUnder("key-2") })).slice(2),
    revoked("a").slice(-1),
  ]
  const { content, file } = await archived(
    storedOf([...before, ...after.map((event) => ({ ...event, grantId: login }))]),
  )
  expect(content.streams[0]!.keyIds).toEqual(["key-1", "key-2"])
  expect(await run(verifyArchive(file(), key))).toMatchObject({ _tag: "Success" })
})

it("however many entries and streams it has, they are read in pages, and told of", async () => {
  const many = storedOf(denied(600))
  const { file, content, reads } = await archived(many)
  reads.length = 0
  const told: Array<unknown> = []
  const verified = await run(verifyArchive(file(), key, (...progress) => told.push(progress)))
  expect(verified).toEqual(Result.succeed(statementOf(many, content)))
  expect(told).toEqual([
    [256, 600],
    [512, 600],
    [600, 600],
  ])
  const positions = [0, 258, 514, 602]
  expect(reads.filter(([name]) => name === "stored")).toEqual(positions.map((position) => ["stored", position, 256]))
  const behind = [undefined, 255, 511, 599]
  expect(reads.filter(([name]) => name === "byStream")).toEqual(
    behind.map((index) => ["byStream", index === undefined ? undefined : content.entries[index], 256]),
  )
})

describe("an archive is refused", () => {
  const hash = (seed: string) => leafHash(seed)

  it.each<readonly [string, (world: World) => void, string | RegExp]>([
    ["that another key signed", ({ content }) => void (content.statement = ""), /note/],
    [
      "with a hash less, between its entries",
      ({ content }) => void content.hashes.delete("1/5"),
      "the hash over entries 10 and what follows is missing",
    ],
    [
      "with a hash less, of more than one entry",
      ({ content }) => void content.hashes.delete("1/0"),
      "the hash over entries 0 and what follows is missing",
    ],
    [
      "with another hash",
      ({ content }) => void content.hashes.set("1/0", hash("x")),
      "its entries do not lead to the root of the log",
    ],
    [
      "of a log that is too short for it",
      ({ sign }) => sign({ logSize: 9, logRoot: hash("x") }),
      "entry 9 is behind the end of the log",
    ],
    [
      "of a log that is longer than it can show",
      ({ sign }) => sign({ logSize: 24 }),
      "the hash over entries 23 and what follows is missing",
    ],
    ["of another log", ({ sign }) => sign({ logRoot: hash("x") }), "its entries do not lead to the root of the log"],
    [
      "that has fewer entries",
      ({ sign }) => sign({ entryCount: 19 }),
      "it has 18 entries, which are not the 19 that were signed",
    ],
    [
      "that has other entries",
      ({ sign }) => sign({ root: hash("x") }),
      "it has 18 entries, which are not the 18 that were signed",
    ],
    [
      "that has fewer streams",
      ({ sign }) => sign({ streamCount: 4 }),
      "it has 3 streams, which are not the 4 that were signed",
    ],
    [
      "that has other streams",
      ({ sign }) => sign({ streamHash: hash("x") }),
      "it has 3 streams, which are not the 3 that were signed",
    ],
    [
      "with an entry that says something else than its hash",
      ({ entry }) => entry(A, 3, { bytes: "{}" }),
      "entry 4 is not what was recorded: its bytes and its hash disagree",
    ],
  ])("%s", async (_, change, sentence) => {
    const changed = await world()
    change(changed)
    const found = await changed.verified()
    expect(Result.isFailure(found) && found.failure).toEqual(
      typeof sentence === "string" ? sentence : expect.stringMatching(sentence),
    )
  })

  it.each<readonly [string, Partial<RetiredStream>]>([
    ["length", { version: 9 }],
    ["death", { diedAt: at(2, 1) }],
    ["client", { clientId: "other" }],
    ["client, which is none", { clientId: null }],
    ["keys", { keyIds: ["key-1", "key-2"] }],
    ["keys, which are none", { keyIds: [] }],
  ])("for a stream that is said to leave another %s, whoever signed it", async (_, over) => {
    const { stream, sign, verified } = await world()
    stream(A, over)
    sign()
    expect(await verified()).toEqual(Result.fail(`what is said to stay of stream \`${A}\` is not what it folds to`))
  })

  it("for a stream of which nothing is said to stay", async () => {
    const { content, sign, verified } = await world()
    content.streams.splice(1, 1)
    sign()
    expect(await verified()).toEqual(Result.fail(`what is said to stay of stream \`${B}\` is not what it folds to`))
  })
})

describe("whatever was signed, of a stream in it", () => {
  /** An archive made by hand, of a log that has nothing else: what is wrong with it is its streams alone. */
  const byHand = async (entries: ReadonlyArray<StoredEntry>, before: number = at(30)) => {
    const { content, file } = await archived(stored)
    const all = entries.map((entry, index) => ({ ...entry, position: index }))
    content.entries.splice(0, Infinity, ...all)
    content.hashes.clear()
    content.streams.splice(0, Infinity, {
      stream: A,
      version: entries.length,
      diedAt: at(2),
      clientId: "app",
      keyIds: ["key-1"],
    })
    content.statement = signed(statementOf(all, content, before))
    return run(verifyArchive(file(), key))
  }
  /** Entries of a log whose first is the first of these. */
  const alone = (recorded: ReadonlyArray<Recorded>) => recorded.map((one, position) => toStored({ ...one, position }))
  const own = recordedOf(revoked("a"))

  it("all is right where it is whole, keeps its promises and had ended", async () => {
    expect(await byHand(alone(own))).toMatchObject({ _tag: "Success" })
    expect(await byHand(alone(own), at(2, 1))).toMatchObject({ _tag: "Success" })
  })

  it("no entry may be missing", async () => {
    expect(await byHand(alone(own.filter(({ version }) => version !== 3)))).toEqual(
      Result.fail(`stream \`${A}\`: an entry is missing before entry 2; stop, keep a copy, and restore from a backup`),
    )
  })

  it("every entry can be read", async () => {
    const entries = alone(own)
    const bytes = entries[2]!.bytes.replace("AuthorizationCodeRedeemed", "SomethingElse")
    entries[2] = { ...entries[2]!, bytes, leaf: leafHash(bytes) }
    expect(await byHand(entries)).toEqual(Result.fail(expect.stringMatching(/^entry 2 cannot be read/)))
  })

  it("no promise is broken", async () => {
    const again = { ...own[3]!, version: 9, position: 8 }
    expect(await byHand(alone([...own, again]))).toEqual(
      Result.fail("entry 8 breaks RevocationIsFinal: something is given after the grant was revoked"),
    )
  })

  it("it had ended before then", async () => {
    expect(await byHand(alone(own), at(2))).toEqual(Result.fail(`stream \`${A}\` had not ended`))
    expect(await byHand(alone(recordedOf(begun).slice(1)))).toEqual(Result.fail("stream `client-app` had not ended"))
  })

  it("the first thing that is wrong is told, by the order of streams", async () => {
    const { stream, entry, content, sign, verified } = await world()
    stream(C, { diedAt: 0 })
    stream(B, { diedAt: 0 })
    sign()
    expect(await verified()).toEqual(Result.fail(`what is said to stay of stream \`${B}\` is not what it folds to`))
    entry(A, 2, { bytes: "{}" })
    expect(await verified()).toEqual(Result.fail("entry 3 is not what was recorded: its bytes and its hash disagree"))
    // Where the tree is wrong, no stream is looked at.
    content.hashes.clear()
    expect(await verified()).toEqual(Result.fail("the hash over entries 0 and what follows is missing"))
  })
})
