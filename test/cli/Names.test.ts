/** Item 19: people know names. An account's name is taken where its subject is, and a client's name stands beside its id. */
import { writeFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import type { BlastRadius, Explained, EventLine } from "../../src/audit/index.ts"
import { APP, GONE, namedStore, type NamedStore } from "../live/support/NamedStore.ts"

const BOTH = "both"
let store: NamedStore

beforeAll(async () => {
  store = await namedStore(async ({ native }) => {
    const { runPromise } = (await import("effect")).Effect
    await runPromise(native.accounts.add("Firstname Lastname", undefined, native.now()))
    await runPromise(native.accounts.add(BOTH, undefined, native.now()))
    const metadata = { client_name: "Both", redirect_uris: [], grant_types: ["client_credentials"], response_types: [] }
    await runPromise(native.addClient({ clientId: BOTH, metadata }))
  })
  return () => store[Symbol.dispose]()
})

const beside = ({ id, name }: typeof APP) => `${id} ("${name}")`

describe("item 19: an account's name", () => {
  it("is explained as its subject, from the arguments, from standard input and as of another moment", async () => {
    const byId = await store.json<Explained>("explain", store.demo)
    expect(byId).toMatchObject({ isOurs: true, kind: "subject", id: store.demo })
    const { asOf: _, ...known } = byId
    expect(await store.json("explain", "demo")).toMatchObject(known)
    const [piped, past] = await Promise.all([
      store.pipe("demo\n", "explain"),
      store.ask("at", String(byId.asOf.size - 1), "explain", "demo"),
    ])
    for (const { code, stdout } of [piped, past]) {
      expect([code, stdout.split("\n")[0]]).toEqual([0, `subject ${store.demo}`])
    }
  })

  it("has its subject's blast radius, also to end it", async () => {
    const radius = await store.json<BlastRadius>("blast-radius", "demo")
    expect(radius).toMatchObject({ root: `subject ${store.demo}`, counts: { grants: 1 } })
    const dry = await store.ask("blast-radius", "demo", "--revoke")
    expect(dry.stdout).toContain("nothing was changed: 1 grants would end")
  })

  it("selects in history what its subject is in, and what it did; and its grants, by name or id", async () => {
    interface Page {
      readonly entries: ReadonlyArray<EventLine>
    }
    const [bySubject, byName, acted] = await Promise.all([
      store.json<Page>("history", "--subject", store.demo),
      store.json<Page>("history", "--subject", "demo"),
      store.json<Page>("history", "--actor", "demo"),
    ])
    expect(byName).toEqual(bySubject)
    expect(byName.entries.length).toBeGreaterThan(10)
    expect(acted.entries.length).toBeGreaterThan(0)
    expect(new Set(acted.entries.map(({ actor }) => actor))).toEqual(new Set([store.demo]))
    const [grantsByName, grantsById] = await Promise.all([
      store.json<{ grants: ReadonlyArray<unknown> }>("grant", "list", "--user", "demo"),
      store.json("grant", "list", "--user", store.demo),
    ])
    expect(grantsByName.grants).toHaveLength(4)
    expect(grantsById).toEqual(grantsByName)
  })

  it("says whom to forget, by name or by id", async () => {
    const dry = await store.json("forget", "Firstname Lastname")
    expect(dry).toMatchObject({ account: "Firstname Lastname", done: "nothing: --yes does it" })
    expect(await store.json("forget", String(dry["subject"]))).toEqual(dry)
    const done = await store.ask("forget", "Firstname Lastname", "--yes")
    expect([done.code, done.stdout]).toEqual([
      0,
      expect.stringContaining(`subject ${String(dry["subject"])} is forgotten`),
    ])
    for (const args of [["explain"], ["blast-radius"], ["forget"]]) {
      const ran = await store.ask(...args, "Firstname Lastname")
      expect(ran.code, args.join()).toBe(1)
    }
  })

  it("of somebody who is to be forgotten, as after a restored backup, leads nowhere", async () => {
    const added = await store.json("user", "add", "restored")
    const subjectId = String(added["subjectId"])
    writeFileSync(`${store.file}.forgotten`, `${JSON.stringify({ subjectId, forgottenAt: Date.now() })}\n`, {
      flag: "a",
    })
    for (const args of [["explain"], ["blast-radius"], ["history", "--subject"]]) {
      const ran = await store.ask(...args, "restored")
      expect([ran.code, ran.stdout + ran.stderr], args.join()).toEqual([1, expect.not.stringContaining(subjectId)])
    }
  })

  it("of which nothing is recorded yet is said to be so, and by which id it would be", async () => {
    const { subjectId } = await store.json("user", "add", "newcomer")
    for (const command of ["explain", "blast-radius"]) {
      expect(await store.ask(command, "newcomer")).toEqual({
        code: 1,
        stdout: "",
        stderr: `grantlog: that is the account of the subject ${String(subjectId)}, of which nothing is recorded yet\n`,
      })
    }
  })

  it("that is a client's id, too, is said to be ambiguous, and how each of them is named", async () => {
    const { accounts } = await store.json<{ accounts: ReadonlyArray<Record<string, string>> }>("user", "list")
    const subject = accounts.find(({ name }) => name === BOTH)!["subject"]!
    const calls = [["explain"], ["blast-radius"], ["history", "--actor"], ["at", "0s", "explain"]]
    for (const args of calls) {
      expect(await store.ask(...args, BOTH), args.join()).toEqual({
        code: 2,
        stdout: "",
        stderr: `grantlog: that is the id of a client, and the name of an account, too: put id: in front of it for the client, or give ${subject} for the account\n`,
      })
    }
    expect(await store.json("explain", `id:${BOTH}`)).toMatchObject({ kind: "client", id: BOTH })
    expect(await store.json("blast-radius", `id:${BOTH}`)).toMatchObject({ root: `client ${BOTH}`, rootName: "Both" })
    for (const actor of [subject, `id:${BOTH}`]) expect((await store.ask("history", "--actor", actor)).code).toBe(0)
  })

  it("that nobody has is refused in a sentence, where only a subject would do", async () => {
    for (const args of [["history", "--subject"], ["forget"], ["grant", "list", "--user"]]) {
      expect(await store.ask(...args, "nobody"), args.join()).toEqual({
        code: 1,
        stdout: "",
        stderr: "grantlog: there is no account `nobody`, and no subject of that id\n",
      })
    }
  })
})

describe("item 19: a client's name stands beside its id", () => {
  it("in the list of grants, which keeps scope, resource and times of those that ended", async () => {
    const { denied, revoked, ofGoneApp, open } = store.grants
    const { grants } = await store.json<{ grants: ReadonlyArray<Record<string, unknown>> }>("grant", "list")
    const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    const approved = { scope: "read", resource: ["https://api.example/mcp"], opened: time, ends: time }
    const app = { client_id: APP.id, client_name: APP.name, subject: store.demo }
    expect(grants).toEqual([
      { grant_id: open, status: "open", ...app, ...approved },
      { grant_id: ofGoneApp, status: "ended", ...app, client_id: GONE.id, client_name: GONE.name, ...approved },
      { grant_id: revoked, status: "revoked", ...app, ...approved },
      { grant_id: denied, status: "denied", ...app, scope: "", resource: [], opened: "", ends: time },
    ])
    const [, , , ended] = grants.map(({ opened, ends }) => [opened, ends])
    expect(ended![0]).not.toBe(ended![1])
    const table = await store.ask("grant", "list")
    expect(table.stdout).toMatch(new RegExp(`^${revoked} +revoked +${APP.id} +${APP.name} +${store.demo} +read `, "m"))
  })

  it("in what is explained, as text, JSON and a page, also of a client that was deleted", async () => {
    const grant = await store.json<Explained>("explain", store.grants.open)
    expect(grant).toMatchObject({ clientId: APP.id, clientName: APP.name })
    expect(grant.ancestry[0]).toMatchObject({ clientName: APP.name, sentence: expect.stringContaining(beside(APP)) })
    expect(await store.json("explain", "demo")).toMatchObject({ grants: [{ clientId: APP.id, clientName: APP.name }] })
    const [text, page, gone] = await Promise.all([
      store.ask("explain", store.grants.open),
      store.ask("explain", store.grants.open, "--html"),
      store.ask("explain", GONE.id),
    ])
    expect(text.stdout).toContain(`client ${beside(APP)}, subject ${store.demo}`)
    expect(text.stdout).toContain(`by ${beside(APP)}, request`)
    expect(page.stdout).toContain(`${APP.id} (&quot;${APP.name}&quot;)`)
    expect(gone.stdout.split("\n")[0]).toBe(`client ${beside(GONE)}`)
    expect(gone.stdout).not.toContain("Named otherwise")
  })

  it("in history, the blast radius and the tree of a grant", async () => {
    const [history, radius, tree] = await Promise.all([
      store.ask("history", "--grant", store.grants.open),
      store.ask("blast-radius", APP.id),
      store.ask("grant", "show", store.grants.open),
    ])
    const lines = history.stdout.trimEnd().split("\n")
    expect(lines.at(-1)).toContain(`approved client ${beside(APP)}, for read`)
    expect(lines[0]).toContain(`(by ${beside(APP)}, request`)
    expect(radius.stdout.split("\n")[0]).toMatch(`client ${beside(APP)}  1 grant of`)
    expect(radius.stdout.split("\n")[1]).toBe(`└─ client ${beside(APP)}  1 grant`)
    expect(tree.stdout).toContain(`client ${beside(APP)}, subject`)
    const radiusData = await store.json<BlastRadius>("blast-radius", APP.id)
    expect(radiusData).toMatchObject({ rootName: APP.name, grants: [{ clientId: APP.id, clientName: APP.name }] })
    const { entries } = await store.json<{ entries: ReadonlyArray<EventLine> }>("history", "--grant", store.grants.open)
    expect(entries.at(-1)).toMatchObject({ clientName: APP.name, actorName: null, actor: store.demo })
    expect(entries[0]).toMatchObject({ clientName: null, actorName: APP.name, actor: APP.id })
  })
})
