/** `grantlog history`: each filter alone, spans of time, following until Ctrl-C, and what is said where nothing is found. */
import { beforeAll, describe, expect, it } from "vitest"
import { namedStore, type NamedStore } from "../live/support/NamedStore.ts"
import { grantlogHere } from "../live/support/InProcess.ts"
import { RESOURCE } from "../audit/Logins.ts"

interface Entry {
  readonly position: number
  readonly at: number
  readonly type: string
  readonly sentence: string
  readonly actor: string | null
  readonly correlationId: string
  readonly stream: string
  readonly event: Readonly<Record<string, unknown>>
}

interface Page {
  readonly entries: ReadonlyArray<Entry>
  readonly archivedCount: number
}

/** What goes on by itself says nothing more when something is wrong. */
const HANGING_MILLIS = 5000

let store: NamedStore
/** Everything, the oldest first. */
let all: ReadonlyArray<Entry>

const found = async (...args: ReadonlyArray<string>) =>
  (await store.json<Page>("history", "--reverse", ...args)).entries.map(({ position }) => position)

const positionsWhere = (isIt: (entry: Entry) => boolean) => all.filter(isIt).map(({ position }) => position)

beforeAll(async () => {
  store = await namedStore()
  all = (await store.json<Page>("history", "--reverse", "--limit", "10000")).entries
  return () => store[Symbol.dispose]()
})

describe("history", () => {
  it("has of each entry for programs what people read, its stream and its event", async () => {
    const opened = all.find(({ stream }) => stream === `grant-${store.grants.open}`)!
    expect(opened).toMatchObject({
      type: "GrantOpened",
      sentence: `subject ${store.demo} approved client app-1 ("Example app"), for read`,
      event: { _tag: "GrantOpened", grantId: store.grants.open, clientId: "app-1" },
    })
    const { stdout } = await store.ask("history", "--grant", store.grants.open, "--reverse", "--limit", "1")
    const time = new Date(opened.at).toISOString()
    expect(stdout).toMatch(
      new RegExp(`^#${opened.position}  ${time.replaceAll(".", "\\.")}  .*, request ${opened.correlationId}\\)\n$`),
    )
    const local = await store.ask("history", "--grant", store.grants.open, "--reverse", "--limit", "1", "--local")
    expect(Date.parse(/ {2}(\d{4}-\S+[+-]\d\d:\d\d) {2}/.exec(local.stdout)![1]!)).toBe(opened.at)
  })

  it("has only what a flag asks for", async () => {
    const { open, revoked } = store.grants
    const ofRevoked = all.filter(({ stream }) => stream === `grant-${revoked}`)
    expect(ofRevoked.length).toBeGreaterThan(3)
    expect(await found("--grant", revoked)).toEqual(ofRevoked.map(({ position }) => position))
    const grantsOf = (member: string, id: string) =>
      new Set(all.filter(({ event }) => event[member] === id).map(({ stream }) => stream))
    const [ofApp, ofDemo] = [grantsOf("clientId", "app-1"), grantsOf("subjectId", store.demo)]
    expect(await found("--client", "app-1")).toEqual(positionsWhere(({ stream }) => ofApp.has(stream)))
    expect(await found("--subject", "demo")).toEqual(positionsWhere(({ stream }) => ofDemo.has(stream)))
    expect(await found("--actor", "operator", "--grant", revoked)).toEqual([ofRevoked.at(-1)!.position])
    expect(await found("--type", "GrantRevoked")).toEqual(positionsWhere(({ type }) => type === "GrantRevoked"))
    const { correlationId } = ofRevoked[0]!
    expect(await found("--correlation", correlationId)).toEqual(
      positionsWhere((entry) => entry.correlationId === correlationId),
    )
    const named = ({ event }: Entry) => (event["resources"] as ReadonlyArray<string> | undefined)?.includes(RESOURCE)
    expect(await found("--resource", RESOURCE, "--grant", open)).toEqual(
      positionsWhere((entry) => entry.stream === `grant-${open}` && named(entry) === true),
    )
  })

  it("has what was recorded from a time on, and before another", async () => {
    const at = all.find(({ stream }) => stream === `grant-${store.grants.ofGoneApp}`)!.at
    const time = new Date(at).toISOString()
    const [since, until] = [positionsWhere((entry) => entry.at >= at), positionsWhere((entry) => entry.at < at)]
    expect([since.length, until.length].every((count) => count > 3)).toBe(true)
    expect(await found("--since", time)).toEqual(since)
    expect(await found("--until", time)).toEqual(until)
    expect(await found("--since", "1d")).toEqual(all.map(({ position }) => position))
    expect(await found("--until", "1d")).toEqual([])
  })

  it.each([
    [["--until", "1d"], 0, "nothing happened\n", ""],
    [["--grant", "nobody"], 0, "nothing happened\n", ""],
    [
      ["--follow", "--until", "1d"],
      2,
      "",
      "grantlog: --follow goes on with what comes: leave --until and --before out\n",
    ],
    [
      ["--follow", "--before", "3"],
      2,
      "",
      "grantlog: --follow goes on with what comes: leave --until and --before out\n",
    ],
    [
      ["--before", "-1"],
      2,
      "",
      "grantlog: --before is `-1`: give a value greater than or equal to 0 (try grantlog history --help)\n",
    ],
    [
      ["--after", "-2"],
      2,
      "",
      "grantlog: --after is `-2`: give a value greater than or equal to -1 (try grantlog history --help)\n",
    ],
    [
      ["--limit", "10001"],
      2,
      "",
      "grantlog: --limit is `10001`: give a value between 1 and 10000 (try grantlog history --help)\n",
    ],
  ])("%j is answered with %i and a sentence", async (args, code, stdout, stderr) => {
    expect(await store.ask("history", ...args)).toEqual({ code, stdout, stderr })
  })
})

describe("history that is followed", { timeout: HANGING_MILLIS }, () => {
  const FOLLOWING = "following: what happens is printed as it does; Ctrl-C ends it\n"

  /** Follows until the newest entry was told. */
  const followed = async (...args: ReadonlyArray<string>) => {
    const env = { GRANTLOG_KEYS: store.keys, GRANTLOG_STORE: `sqlite:${store.file}` }
    const newest = new RegExp(`(?:^|\\n)(?:\\{.*"position":|#)${all.length - 1}\\b.*\\n`)
    const ran = await grantlogHere(["history", "--follow", ...args], {
      env,
      onSaid: (said, end) => void (newest.test(said) && end()),
    })
    expect([ran.code, ran.stderr]).toEqual([0, FOLLOWING])
    return ran.stdout.trimEnd().split("\n")
  }
  const positionOf = (line: string) => Number(/^#(\d+) /.exec(line)![1])

  it("begins with so many of the newest, the oldest of them first", async () => {
    expect((await followed("--limit", "3")).map(positionOf)).toEqual([-3, -2, -1].map((at) => all.at(at)!.position))
    expect((await followed()).map(positionOf)).toEqual(all.map(({ position }) => position))
  })

  it("begins behind an entry or at a time, where that is said, whatever the limit", async () => {
    const behind = all.map(({ position }) => position).filter((position) => position > 4)
    expect((await followed("--after", "4", "--limit", "2")).map(positionOf)).toEqual(behind)
    const at = all.at(-8)!.at
    const time = new Date(at).toISOString()
    const since = positionsWhere((entry) => entry.at >= at)
    expect((await followed("--since", time, "--limit", "2")).map(positionOf)).toEqual(since)
    expect((await followed("--since", "1d")).map(positionOf)).toEqual(all.map(({ position }) => position))
    const both = await followed("--since", time, "--after", String(since[2]))
    expect(both.map(positionOf)).toEqual(since.slice(3))
  })

  it("keeps to what was asked for, a line of JSON each for programs", async () => {
    const newest = all.at(-1)!
    const lines = await followed("--type", newest.type, "--after", "-1", "--json")
    expect(lines.map((line) => JSON.parse(line) as Entry)).toEqual(all.filter(({ type }) => type === newest.type))
  })
})
