/** `grantlog grant` over a store: a list by client and account, a tree with the names of clients, and an end in a sentence. */
import { beforeAll, describe, expect, it } from "vitest"
import { namedStore, type NamedStore } from "../live/support/NamedStore.ts"

let store: NamedStore

beforeAll(async () => {
  store = await namedStore()
  return () => store[Symbol.dispose]()
})

const listed = async (...args: ReadonlyArray<string>) => {
  const { grants } = await store.json<{ readonly grants: ReadonlyArray<{ readonly grant_id: string }> }>(
    ...["grant", "list", ...args],
  )
  return grants.map(({ grant_id }) => grant_id)
}

describe("grant", () => {
  it("list has those of a client, of an account, or of both", async () => {
    const { open, revoked, ofGoneApp, denied } = store.grants
    await store.ask("user", "add", "ann")
    expect(await listed("--client", "app-2")).toEqual([ofGoneApp])
    expect(await listed("--user", "demo")).toEqual([open, ofGoneApp, revoked, denied])
    expect(await listed("--client", "app-1", "--user", "demo")).toEqual([open, revoked, denied])
    expect(await listed("--user", "ann")).toEqual([])
    expect(await store.ask("grant", "list", "--user", "ann")).toEqual({ code: 0, stdout: "no grants\n", stderr: "" })
  })

  it("show draws what happened, with what clients are called, and says no more where that is all", async () => {
    const { code, stdout, stderr } = await store.ask("grant", "show", store.grants.open)
    expect([code, stderr]).toEqual([0, ""])
    const [head, first] = stdout.split("\n")
    expect(head).toBe(`grant-${store.grants.open}`)
    expect(first).toMatch(/^├─ GrantOpened {2}#\d+ {2}\S+ {2}client app-1 \("Example app"\), subject sub_\w+, /)
  })

  it("show goes back and on from page to page, and says what it left out", async () => {
    interface Page {
      readonly entries: ReadonlyArray<{ readonly position: number }>
    }
    const show = async (...args: ReadonlyArray<string>) =>
      (await store.json<Page>("grant", "show", store.grants.open, ...args)).entries.map(({ position }) => position)
    const all = await show()
    const [first, second] = all.map(String)
    expect(await show("--limit", "1", "--after", first!)).toEqual(all.slice(1, 2))
    expect(await show("--limit", "1", "--before", second!)).toEqual(all.slice(0, 1))
    const { stderr } = await store.ask("grant", "show", store.grants.open, "--limit", "1", "--after", first!)
    expect(stderr).toBe(
      `1 older events are left out: --before ${second}\n${all.length - 2} newer events are left out: --after ${second}\n`,
    )
  })

  it.each([
    ["--before", "-1", 0],
    ["--after", "-2", -1],
  ])("show takes no position %s %s", async (flag, position, least) => {
    expect(await store.ask("grant", "show", store.grants.open, flag, position)).toEqual({
      code: 2,
      stdout: "",
      stderr: `grantlog: ${flag} is \`${position}\`: give a value greater than or equal to ${least} (try grantlog grant show --help)\n`,
    })
  })

  it("revoke ends it, and says so", async () => {
    const { open } = store.grants
    const ended = { code: 0, stdout: `grant ${open} is revoked: nothing of it is alive\n`, stderr: "" }
    expect(await store.ask("grant", "revoke", open)).toEqual(ended)
    expect((await store.ask("grant", "show", open)).stdout).toMatch(/GrantRevoked {2}#\d+/)
  })
})
