/** Names of clients: what each calls itself now, or called itself when it was deleted; and nobody else has one. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { clientNames, clientsIn } from "../../../src/audit/explain/ClientNames.ts"
import type { Command } from "../../../src/core/index.ts"
import { storyLog } from "../Story.ts"
import { app, initialize, metadata, register, toClient, toSubject, update } from "../../core/support/Facts.ts"

const run = Effect.runPromise
const named = (name: string) => ({ metadata: { ...metadata, client_name: name } })
const disabled: ReadonlyArray<Command> = Array.from({ length: 20 }, () => [
  toClient("DisableClient"),
  toClient("EnableClient"),
]).flat()

/** The name that the app has after these commands, and how many entries were read for it. */
const nameAfter = async (...commands: ReadonlyArray<Command>) => {
  const { log, read } = storyLog([initialize(), ...commands])
  const nameOf = await run(clientNames(log, [app, app, null]))
  return [nameOf(app), read.entryCount]
}

describe("a client", () => {
  it("is called by its last registration, for which no entry is read while it is there", async () => {
    expect(await nameAfter(register(named("One")))).toEqual(["One", 0])
    expect(await nameAfter(register(named("One")), update(named("Two")))).toEqual(["Two", 0])
    expect(await nameAfter(register())).toEqual([undefined, 0])
    expect(await nameAfter()).toEqual([undefined, 0])
  })

  it("that was deleted is called as it was then, however long ago it last changed its name", async () => {
    const gone = toClient("DeleteClient")
    expect(await nameAfter(register(named("One")), gone)).toEqual(["One", 2])
    expect(await nameAfter(register(named("One")), update(named("Two")), gone)).toEqual(["Two", 3])
    expect(await nameAfter(register(named("One")), update(named("Two")), ...disabled, gone)).toEqual(["Two", 43])
    expect(
      await nameAfter(register(named("One")), ...disabled, update(named("Two")), ...disabled.slice(2), gone),
    ).toEqual(["Two", 48])
    expect(await nameAfter(register(), gone)).toEqual([undefined, 2])
  })
})

it("an operator, a subject and nobody are no clients, and are not looked up", async () => {
  const { log } = storyLog([initialize(), register(named("One"))])
  const rows = { ...log.rows, client: (id: string) => Effect.die(new Error(`${id} was looked up`)) }
  const nameOf = await run(clientNames({ ...log, rows }, [null, "operator", "sub_alice"]))
  expect([nameOf(null), nameOf("operator"), nameOf("sub_alice")]).toEqual([undefined, undefined, undefined])
})

it("an entry names who did it and the client that it is about", () => {
  const { all } = storyLog([initialize(), register(), toSubject("DisableSubject")])
  expect(all.map((entry) => clientsIn({ ...entry, actor: "operator" }))).toEqual([
    ["operator", null],
    ["operator", app],
    ["operator", null],
  ])
})
