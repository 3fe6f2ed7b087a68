/** What no caller sees: doctored moves of the machine and doctored stores, and the promises that object to them. */
import { describe, expect, it } from "vitest"
import type { Machine, Move } from "../Machine.ts"
import type { Operation } from "../Operation.ts"
import { ask } from "../explore/Product.ts"
import {
  approving,
  askingForItself,
  looking,
  passing,
  redeeming,
  refreshing,
  registering,
  revoking,
} from "../Asking.ts"
import { START_MILLIS, GRANT_MILLIS, one, two, login, played } from "./examples/Operations.ts"
import { promises } from "./index.ts"
import type { StoreContents } from "./Invariant.ts"
import { judgeStore } from "./Judge.ts"

describe("inside", () => {
  /** The move of the last operation, with what the machine wrote down changed. */
  const doctored = (operations: ReadonlyArray<Operation>, change: (move: Move, before: Machine) => Move) => {
    const { machine, model } = played(operations.slice(0, -1))
    const operation = operations.at(-1)!
    const move = change(ask({ machine, model }, operation).move, machine)
    return promises.flatMap(({ name, onMove }) => (onMove?.(machine, operation, move) === undefined ? [] : [name]))
  }
  const withEvents =
    (change: (events: Decided["decision"]["events"]) => Decided["decision"]["events"]) =>
    (move: Move): Move => ({
      ...move,
      decided: {
        ...move.decided!,
        decision: { ...move.decided!.decision, events: change(move.decided!.decision.events) },
      },
    })
  const withEach = (change: object) => withEvents((events) => events.map((event) => Object.assign({}, event, change)))
  type Decided = NonNullable<Move["decided"]>
  const eventsOf = (operations: ReadonlyArray<Operation>) => {
    const { machine, model } = played(operations.slice(0, -1))
    return ask({ machine, model }, operations.at(-1)!).move.decided!.decision.events
  }

  it.each<readonly [string, ReadonlyArray<Operation>, (move: Move, before: Machine) => Move]>([
    ["CodeIsSingleUse", [...login, redeeming()], withEvents((events) => [...events, ...eventsOf(login)])],
    ["ReplayKillsGrant", [...login, redeeming()], withEvents((events) => events.slice(0, 1))],
    [
      "OnlyTheOwnerCanHarm",
      [...login, revoking("refresh", 0, { by: 1 })],
      withEvents(() => eventsOf([...login, revoking("refresh", 0)])),
    ],
    [
      "RotationIsLinear",
      [...login, refreshing(0), refreshing(0)],
      withEvents(() => eventsOf([...login, refreshing(0)])),
    ],
    [
      "ReuseKillsGrant",
      [...login, refreshing(0), refreshing(1), refreshing(0)],
      withEvents((events) => events.slice(0, 1)),
    ],
    ["ScopeNeverGrows", login, withEach({ scopes: ["admin"] })],
    ["AudienceNeverGrows", login, withEach({ resources: [two] })],
    ["AudienceNeverGrows", [approving(0, { resources: [one] }), redeeming()], withEach({ resources: [] })],
    ["LifetimeNeverGrows", login, withEach({ expiresAt: START_MILLIS + GRANT_MILLIS + 1 })],
    ["RevocationIsFinal", [...login, redeeming(), redeeming()], withEvents(() => eventsOf(login))],
    ["ReadsChangeNothing", [...login, looking()], (move) => ({ ...move, machine: { ...move.machine } })],
    ["ConsentComesFirst", [approving()], withEach({ clientId: "client-1" })],
    ["ConsentComesFirst", [askingForItself(3)], withEvents(() => eventsOf([askingForItself(1)]))],
    ["RequestIsAnsweredOnce", [approving(), approving()], withEvents(() => eventsOf([approving()]))],
    ["BoundMeansBound", [approving(), redeeming(0, { verifier: "wrong" })], withEvents(() => eventsOf(login))],
    ["ClientIdIsCreatedOnce", [registering(0)], withEvents(() => eventsOf([registering(4)]))],
    [
      "OutsidersCannotGrowTheLog",
      [...login, refreshing(0, { by: 1 })],
      withEvents(() => eventsOf([...login, refreshing(0)]).slice(1)),
    ],
    [
      "OutsidersCannotGrowTheLog",
      [approving(), ...Array.from({ length: 9 }, () => redeeming(0, { verifier: "wrong" }))],
      withEvents(() => eventsOf([approving(), redeeming(0, { verifier: "wrong" })])),
    ],
    [
      "StateIsBounded",
      [...login, passing(600_000), refreshing(0)],
      (move, before) => {
        const [old, grant] = [before.grants[0]!, move.machine.grants[0]!]
        if (old._tag !== "Open" || grant._tag !== "Open") throw new Error("the grant is open")
        const accessTokens = [...old.accessTokens, ...grant.accessTokens]
        return { ...move, machine: { ...move.machine, grants: [{ ...grant, accessTokens }] } }
      },
    ],
  ])("%s objects to a doctored move", (name, operations, change) => {
    expect(doctored(operations, (move) => move)).toEqual([])
    expect(doctored(operations, change)).toContain(name)
  })
})

describe("in a store", () => {
  const contents: StoreContents = {
    entries: [{ position: 0, stream: "grant-1", text: `{"type":"GrantOpened"}` }],
    rows: ["grant_rows 1"],
    rebuiltRows: ["grant_rows 1"],
    others: ["accounts alice"],
    secrets: ["gla_secret"],
  }
  const attempt = { position: 1, stream: "grant-1", text: `{"type":"AuthorizationCodeAttemptRefused"}` }

  it("everything is kept of what is right", () => {
    expect(judgeStore(contents)).toBeUndefined()
  })

  it("a secret is found wherever it stands, beside others of any length", () => {
    const secrets = ["gla_secret", `glr_${"7".repeat(60)}`, "glc_another-one-of-forty-characters-or-so"]
    for (const secret of secrets) {
      for (let place = 0; place < 70; place += 1) {
        const row = `${"gla_".repeat(20).slice(0, place)}${secret}`
        expect(judgeStore({ ...contents, secrets, others: [row] })?.promise.name, row).toBe("NoSecretIsStored")
        expect(judgeStore({ ...contents, secrets, others: [row.slice(0, -1)] }), row).toBeUndefined()
      }
    }
  })

  it.each<readonly [string, Partial<StoreContents>]>([
    ["NoSecretIsStored", { entries: [{ ...attempt, text: "a gla_secret b" }] }],
    ["NoSecretIsStored", { rows: ["gla_secret"], rebuiltRows: ["gla_secret"] }],
    ["NoSecretIsStored", { others: [Buffer.from("gla_secret").toString("base64url")] }],
    ["NoSecretIsStored", { others: [Buffer.from("gla_secret").toString("hex")] }],
    ["NoSecretIsStored", { successorsOf: (token) => (token === "gla_secret" ? ["the next"] : []) }],
    ["OutsidersCannotGrowTheLog", { entries: Array.from({ length: 9 }, () => attempt) }],
    ["RebuiltEqualsServed", { rebuiltRows: ["grant_rows 2"] }],
    ["RebuiltEqualsServed", { rebuiltRows: ["grant_rows 1", "grant_rows 2"] }],
  ])("%s objects to doctored contents", (name, change) => {
    expect(judgeStore({ ...contents, ...change })?.promise.name).toBe(name)
  })
})
