/** Commands about what is long: a page of it, the newest, what was left out in words, and the way to the rest. */
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { sqliteStore } from "../../src/provider/index.ts"
import { LONG_GRANT, lengthenLog, refreshDigest } from "../support/LongLog.ts"
import { serverOver, temporaryFolder } from "../support/TestServer.ts"
import { START_MILLIS } from "../support/ManualClock.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"

const run = Effect.runPromise
const ENTRIES = 3005
const ACCOUNTS = ["ann", "ben", "cem", "dan", "eve"]

/** A store with a long grant, some clients and some accounts; gives the ways to ask about it. */
const longStore = async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const store = sqliteStore(file)
  const { native, keys } = await serverOver({ store })
  for (const clientId of ["app-1", "app-2", "app-3"]) {
    const metadata = {
      client_name: clientId,
      redirect_uris: [],
      grant_types: ["client_credentials"],
      response_types: [],
    }
    await run(native.addClient({ clientId, metadata }))
  }
  await run(native.deleteClient("app-1"))
  for (const name of ACCOUNTS) await run(native.accounts.add(name, undefined, native.now()))
  const [begun] = await run(store.readAll(0, 1))
  await run(store.close)
  const keyId = begun?.event._tag === "IssuerInitialized" ? begun.event.keyId : ""
  const endMillis = START_MILLIS + 86_400_000
  lengthenLog(file, { clientId: "app-3", keyId, endMillis, grantEntryCount: ENTRIES, otherEntryCount: 10 })
  const env = { GRANTLOG_KEYS: JSON.stringify(keys), GRANTLOG_STORE: `sqlite:${file}` }
  return {
    ask: (...args: ReadonlyArray<string>) => grantlogHere(args, { env }),
    json: <A>(...args: ReadonlyArray<string>) => grantlogJsonHere<A>(args, { env }),
  }
}

interface Shown {
  readonly entries: ReadonlyArray<{ readonly position: number; readonly version: number }>
  readonly olderCount: number
  readonly before: number | null
}

describe("item 11: of a grant of thousands of entries", () => {
  it("`grant show` gives the newest, says how many are left out, and every older one once", async () => {
    const { ask, json } = await longStore()
    const text = await ask("grant", "show", LONG_GRANT)
    expect(text.stdout.trimEnd().split("\n")).toHaveLength(201)
    expect(text.stderr).toMatch(new RegExp(`^${ENTRIES - 200} older events are left out: --before \\d+\n$`))
    const versions: Array<number> = []
    let before: ReadonlyArray<string> = []
    for (;;) {
      const page = await json<Shown>("grant", "show", LONG_GRANT, "--limit", "1000", ...before)
      versions.unshift(...page.entries.map(({ version }) => version))
      expect(page.olderCount).toBe(ENTRIES - versions.length)
      if (page.before === null) break
      before = ["--before", String(page.before)]
    }
    expect(versions).toEqual(Array.from({ length: ENTRIES }, (_, index) => index + 1))
  })

  it("`explain` says in text, as JSON and as a page what it left out", async () => {
    const { ask, json } = await longStore()
    const [text, html, grant, token, tokenHtml] = await Promise.all([
      ask("explain", LONG_GRANT),
      ask("explain", "--html", LONG_GRANT),
      json("explain", LONG_GRANT),
      ask("explain", refreshDigest(700)),
      ask("explain", "--html", refreshDigest(700)),
    ])
    expect(text.stdout).toContain(`… ${ENTRIES - 51} older events are left out`)
    expect(html.stdout).toContain(`${ENTRIES - 51} older events are left out`)
    expect(grant).toMatchObject({ untold: { generations: 0, presentations: ENTRIES - 51 } })
    expect(token.stdout).toContain("… 692 generations between are left out")
    expect(tokenHtml.stdout).toContain("692 generations between are left out")
    for (const { stdout } of [text, html, token, tokenHtml]) expect(stdout.length).toBeLessThan(100_000)
  })

  it("`history` goes back from the end, page by page", async () => {
    const { json } = await longStore()
    interface Page {
      readonly entries: ReadonlyArray<{ readonly position: number }>
      readonly before: number | null
    }
    const asked = ["history", "--grant", LONG_GRANT, "--limit", "5"]
    const first = await json<Page>(...asked)
    const second = await json<Page>(...asked, "--before", String(first.before))
    const positions = [...first.entries, ...second.entries].map(({ position }) => position)
    const newest = positions[0]!
    expect(positions).toEqual(Array.from({ length: 10 }, (_, index) => newest - index))
  })
})

describe("item 11: a list", () => {
  it("of clients, accounts or grants is a page, says when there is more, and goes on behind it", async () => {
    const { ask, json } = await longStore()
    interface Page {
      readonly clients?: ReadonlyArray<{ readonly client_id: string }>
      readonly accounts?: ReadonlyArray<{ readonly name: string }>
      readonly grants?: ReadonlyArray<{ readonly grant_id: string }>
      readonly after: string | null
    }
    const clients = await json<Page>("client", "list", "--limit", "1")
    expect(clients).toMatchObject({ clients: [{ client_id: "app-3" }], after: "app-3" })
    expect(await json("client", "list", "--after", "app-3")).toMatchObject({
      clients: [{ client_id: "app-2" }],
      after: null,
    })
    const names: Array<string> = []
    for (let after: string | null = ""; after !== null;) {
      const page: Page = await json<Page>("user", "list", "--limit", "2", ...(after === "" ? [] : ["--after", after]))
      names.push(...page.accounts!.map(({ name }) => name))
      after = page.after
    }
    expect(names).toEqual(ACCOUNTS)
    const text = await ask("user", "list", "--limit", "2")
    expect(text.stderr).toBe("there is more: --after ben\n")
    expect(await json("grant", "list")).toMatchObject({ grants: [{ grant_id: LONG_GRANT }], after: null })
  })
})
