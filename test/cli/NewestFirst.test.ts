/** Item 18: what is listed by time begins with the newest, turns round when told, and is left through in both directions. */
import { beforeAll, describe, expect, it } from "vitest"
import { namedStore, type NamedStore } from "../live/support/NamedStore.ts"

interface Page {
  readonly entries: ReadonlyArray<{ readonly position: number }>
  readonly before: number | null
  readonly after: number | null
}

let store: NamedStore
let all: ReadonlyArray<number>

const history = (...args: ReadonlyArray<string>) => store.json<Page>("history", ...args)
const positionsOf = ({ entries }: Page) => entries.map(({ position }) => position)

beforeAll(async () => {
  store = await namedStore()
  all = positionsOf(await history("--limit", "10000"))
  return () => store[Symbol.dispose]()
})

describe("item 18: history", () => {
  it("begins with the newest entry, and with the oldest where it is reversed", async () => {
    expect(all.length).toBeGreaterThan(12)
    expect(all).toEqual(all.map((_, index) => all.length - 1 - index))
    expect(positionsOf(await history("--limit", "5"))).toEqual(all.slice(0, 5))
    expect(positionsOf(await history("--limit", "5", "--reverse"))).toEqual([0, 1, 2, 3, 4])
  })

  it("is left through from page to page, towards the older and back, in either order", async () => {
    const first = await history("--limit", "4")
    expect(first).toMatchObject({ before: all[3], after: null })
    const second = await history("--limit", "4", "--before", String(first.before))
    expect(positionsOf(second)).toEqual(all.slice(4, 8))
    expect(second).toMatchObject({ before: all[7], after: all[4] })
    expect(await history("--limit", "4", "--after", String(second.after))).toEqual(first)

    const oldest = await history("--limit", "4", "--reverse")
    expect(oldest).toMatchObject({ before: null, after: 3 })
    const next = await history("--limit", "4", "--reverse", "--after", "3")
    expect(positionsOf(next)).toEqual([4, 5, 6, 7])
    expect(await history("--limit", "4", "--reverse", "--before", String(next.before))).toEqual(oldest)
  })

  it("says on which side there is more, and how to get there", async () => {
    const [head, middle, whole] = await Promise.all([
      store.ask("history", "--limit", "2"),
      store.ask("history", "--limit", "2", "--before", String(all[1])),
      store.ask("history"),
    ])
    expect(head.stderr).toBe(`there is more: --before ${all[1]}\n`)
    expect(middle.stderr).toBe(`there is more: --before ${all[3]}, --after ${all[2]}\n`)
    expect(whole.stderr).toBe("")
    expect(whole.stdout.split("\n")[0]).toMatch(new RegExp(`^#${all[0]} `))
  })
})

interface Listed {
  readonly before: string | null
  readonly after: string | null
}

describe("item 18: every other list", () => {
  /** Goes through a list from its beginning to its end and back; gives the ids in the order in which they came. */
  const through = async (
    kind: "client" | "grant" | "user",
    name: string,
    id: string,
    ...args: ReadonlyArray<string>
  ) => {
    const turn = async (...more: ReadonlyArray<string>) => {
      const page = await store.json<Listed>(kind, "list", "--limit", "2", ...args, ...more)
      const rows = (page as unknown as Record<string, ReadonlyArray<Record<string, string>>>)[name]!
      return { ...page, ids: rows.map((row) => row[id]!) }
    }
    const pages = [await turn()]
    for (let { after } = pages[0]!; after !== null; after = pages.at(-1)!.after)
      pages.push(await turn("--after", after))
    const last = pages.at(-1)!
    expect(last.before).toBe(pages.length === 1 ? null : last.ids[0])
    if (last.before !== null) expect(await turn("--before", last.before)).toEqual(pages.at(-2))
    expect(pages[0]!.before).toBeNull()
    return pages.flatMap(({ ids }) => ids)
  }

  it("of grants begins with the newest, goes on, back, and the other way round", async () => {
    const { denied, revoked, ofGoneApp, open } = store.grants
    const newest = [open, ofGoneApp, revoked, denied]
    expect(await through("grant", "grants", "grant_id")).toEqual(newest)
    expect(await through("grant", "grants", "grant_id", "--reverse")).toEqual(newest.toReversed())
  })

  it("of clients begins with the newest, whatever their ids are, and has those that are left", async () => {
    const names = ["zz-first", "mm-second", "aa-third"]
    for (const id of names) await store.json("client", "add", "--name", id, "--client-id", id)
    const found = await through("client", "clients", "client_id")
    expect(found).toEqual([...names.toReversed(), "app-1", "app"])
    expect(await through("client", "clients", "client_id", "--reverse")).toEqual(found.toReversed())
  })

  it("of accounts goes by name, or from the last name back", async () => {
    for (const name of ["cem", "ann", "eve"]) await store.ask("user", "add", name)
    expect(await through("user", "accounts", "name")).toEqual(["ann", "cem", "demo", "eve"])
    expect(await through("user", "accounts", "name", "--reverse")).toEqual(["eve", "demo", "cem", "ann"])
    const both = await store.ask("user", "list", "--before", "eve", "--after", "ann")
    expect(both).toEqual({ code: 2, stdout: "", stderr: expect.stringMatching(/^grantlog: --before goes back/) })
  })

  it("of a grant's events shows the newest, and goes back and on again", async () => {
    const show = (...args: ReadonlyArray<string>) => store.json<Page>("grant", "show", store.grants.open, ...args)
    const whole = positionsOf(await show())
    const newest = await show("--limit", "2")
    expect(positionsOf(newest)).toEqual(whole.slice(-2))
    expect(newest).toMatchObject({ before: whole.at(-2), after: null })
    const older = await show("--limit", "2", "--before", String(newest.before))
    expect(positionsOf(older)).toEqual(whole.slice(-4, -2))
    expect(older).toMatchObject({ before: whole.at(-4), after: whole.at(-3), newerCount: 2 })
    expect(await show("--limit", "2", "--after", String(older.after))).toEqual(newest)
    const text = await store.ask("grant", "show", store.grants.open, "--limit", "1", "--after", String(whole[0]))
    expect(text.stderr).toBe(
      `1 older events are left out: --before ${whole[1]}\n${whole.length - 2} newer events are left out: --after ${whole[1]}\n`,
    )
  })
})
