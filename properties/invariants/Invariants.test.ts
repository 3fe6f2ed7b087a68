/** Every promise: a way to get to where it is at stake and kept, and wrong answers that it objects to. */
import { describe, expect, it } from "vitest"
import { profiles } from "../Opening.ts"
import type { Operation, Reply } from "../Operation.ts"
import { ask } from "../explore/Product.ts"
import {
  approving,
  askingForItself,
  exchanging,
  denying,
  looking,
  passing,
  redeeming,
  refreshing,
  registering,
  revoking,
} from "../Asking.ts"
import {
  START_MILLIS,
  GRANT_MILLIS,
  one,
  two,
  login,
  narrow,
  tokens,
  active,
  refused,
  inactive,
  played,
  stepOf,
} from "./examples/Operations.ts"
import { promises } from "./index.ts"
import { judgeMove, judgeStep, newTally } from "./Judge.ts"

interface Wrong {
  readonly before: ReadonlyArray<Operation>
  readonly operation: Operation
  readonly reply: Reply
}

interface Case {
  /** The last of these puts the promise at stake. */
  readonly witness: ReadonlyArray<Operation>
  readonly wrong: ReadonlyArray<Wrong>
}

const wrong = (before: ReadonlyArray<Operation>, operation: Operation, reply: Reply): Wrong => ({
  before,
  operation,
  reply,
})

/** The token of a login, and the one that a service got for it. */
const exchanged = [...login, exchanging(0, { by: 1 })]

const cases: Readonly<Record<string, Case>> = {
  CodeIsSingleUse: {
    witness: [...login, redeeming()],
    wrong: [
      wrong(login, redeeming(), tokens()),
      wrong(login, redeeming(0, { verifier: "wrong" }), tokens({ access: 1, refresh: null })),
    ],
  },
  ReplayKillsGrant: {
    witness: [...login, redeeming(), looking()],
    wrong: [
      wrong([...login, redeeming()], looking(), active()),
      wrong([...login, redeeming()], refreshing(0), tokens({ access: 1, refresh: 1 })),
    ],
  },
  OnlyTheOwnerCanHarm: {
    witness: [...login, revoking("refresh", 0, { by: 1 })],
    wrong: [
      wrong([...login, revoking("refresh", 0, { by: 1 })], looking(), inactive),
      wrong([...login, redeeming(0, { verifier: "wrong" })], refreshing(0), refused),
      wrong([...login, looking(), refreshing(0, { by: 1 })], refreshing(0), refused),
      wrong([approving(), redeeming(0, { by: 1 })], redeeming(), refused),
    ],
  },
  RotationIsLinear: {
    witness: [...login, refreshing(0), refreshing(0)],
    wrong: [wrong([...login, refreshing(0)], refreshing(0), tokens({ access: 2, refresh: 2 }))],
  },
  RetryIsIdempotent: {
    witness: [...login, refreshing(0), passing(29_000), refreshing(0)],
    wrong: [
      // Two things are wrong about a second successor; this promise is asked alone.
      wrong([...login, refreshing(0)], refreshing(0), tokens({ access: 1, refresh: 0 })),
      wrong([...login, refreshing(0)], refreshing(0), refused),
    ],
  },
  ReuseKillsGrant: {
    witness: [...login, refreshing(0), refreshing(1), refreshing(0), looking(2)],
    wrong: [
      wrong([...login, refreshing(0), refreshing(1), refreshing(0)], looking(2), active()),
      wrong([...login, refreshing(0), refreshing(1)], refreshing(0), tokens({ access: 1, refresh: 1 })),
      wrong([...login, refreshing(0), passing(30_000)], refreshing(0), tokens({ access: 1, refresh: 1 })),
    ],
  },
  ScopeNeverGrows: {
    witness: [...login, refreshing(0, { scopes: ["read", "admin"] })],
    wrong: [
      wrong(login, refreshing(0, { scopes: ["admin"] }), tokens({ access: 1, refresh: 1, scopes: ["admin"] })),
      wrong(narrow, looking(1), active({ scopes: ["read", "write"], resources: [one] })),
    ],
  },
  AudienceNeverGrows: {
    witness: [...narrow, looking(1)],
    wrong: [
      wrong(narrow, looking(1), active({ resources: [one, two] })),
      wrong(narrow, looking(0), active({ resources: ["https://other.example/"] })),
    ],
  },
  LifetimeNeverGrows: {
    witness: [
      ...login,
      passing(3_000_000),
      refreshing(0),
      passing(3_000_000),
      refreshing(1),
      passing(1_000_000),
      refreshing(2),
    ],
    wrong: [
      wrong(login, refreshing(0), tokens({ access: 1, refresh: 1, expiresAt: START_MILLIS + GRANT_MILLIS + 1000 })),
      wrong(login, looking(), active({ expiresAt: START_MILLIS + 601_000 })),
    ],
  },
  AncestorsBound: {
    witness: [...exchanged, revoking("access", 0), looking(1)],
    wrong: [
      wrong([...exchanged, revoking("access", 0)], looking(1), active()),
      wrong([...exchanged, revoking("refresh", 0)], looking(1), active()),
      wrong([...exchanged, revoking("access", 0)], exchanging(1, { by: 1 }), tokens({ access: 2, refresh: null })),
      wrong(login, exchanging(0, { by: 1 }), tokens({ access: 1, refresh: null, scopes: ["read", "admin"] })),
      wrong(login, exchanging(0, { by: 1 }), tokens({ access: 1, refresh: null, expiresAt: START_MILLIS + 601_000 })),
    ],
  },
  RevocationIsFinal: {
    witness: [...login, revoking("access", 0), looking()],
    wrong: [
      wrong([...login, revoking("access", 0)], looking(), active()),
      wrong([...login, revoking("refresh", 0)], looking(), active()),
      wrong([...login, revoking("refresh", 0)], refreshing(0), tokens({ access: 1, refresh: 1 })),
      wrong([...login, { _tag: "DisableClient", client: 0 }], looking(), active()),
      wrong([...login, { _tag: "DeleteClient", client: 0 }], looking(), active()),
      wrong([...login, { _tag: "EndSessions", subject: 0 }], looking(), active()),
      wrong([...login, { _tag: "RaiseIssuerEpoch" }], looking(), active()),
      wrong([...login, { _tag: "RevokeGrant", grant: 0, subject: "operator" }], looking(), active()),
    ],
  },
  ReadsChangeNothing: {
    witness: [...login, passing(600_000), looking()],
    wrong: [
      wrong([...login, passing(600_000), looking()], refreshing(0), refused),
      wrong([...login, looking("made up")], looking(), inactive),
    ],
  },
  ExpiryIsExact: {
    witness: [...login, passing(600_000), looking()],
    wrong: [
      wrong([...login, passing(600_000)], looking(), active()),
      wrong([...login, passing(599_000)], looking(), inactive),
      wrong(login, looking(), inactive),
      wrong([approving(), passing(60_000)], redeeming(), tokens()),
      wrong([...login, passing(3_600_000)], refreshing(0), tokens({ access: 1, refresh: 1 })),
      wrong([], approving(0, { isLate: true }), { _tag: "Code", grant: 0 }),
    ],
  },
  ConsentComesFirst: {
    witness: [looking("made up")],
    wrong: [
      wrong([], looking("made up"), active()),
      wrong([], redeeming("made up"), tokens({ access: 0, refresh: 0 })),
      wrong([], approving(0, { redirectUri: "unregistered" }), { _tag: "Code", grant: 0 }),
      wrong([], approving(0, { basis: "Auto", redirectUri: "app" }), { _tag: "Code", grant: 0 }),
      wrong(login, looking(), active({ client: 1 })),
      wrong(login, looking(), active({ subject: 1 })),
      wrong([], askingForItself(1, { authentication: "wrong" }), tokens({ access: 0, refresh: null })),
      wrong([], askingForItself(3), tokens({ access: 0, refresh: null })),
      wrong(
        [{ _tag: "Update", client: 3, profile: profiles[1]!, flaw: null }],
        askingForItself(3),
        tokens({ access: 0, refresh: null }),
      ),
      wrong([denying(0)], redeeming(), tokens({ access: 0, refresh: 0 })),
    ],
  },
  RequestIsAnsweredOnce: {
    witness: [approving(), approving()],
    wrong: [
      wrong([approving()], approving(), { _tag: "Code", grant: 0 }),
      wrong([approving()], denying(0), { _tag: "Done" }),
    ],
  },
  BoundMeansBound: {
    witness: [approving(), redeeming(0, { verifier: "wrong" })],
    wrong: [
      wrong([approving()], redeeming(0, { by: 1 }), tokens({ access: 0, refresh: 0 })),
      wrong([approving()], redeeming(0, { verifier: "absent" }), tokens({ access: 0, refresh: 0 })),
      wrong([approving()], redeeming(0, { redirectUri: "wrong" }), tokens({ access: 0, refresh: 0 })),
      wrong([approving(0, { key: "k1" })], redeeming(0, { key: "k2" }), tokens({ access: 0, refresh: 0 })),
      wrong(
        [approving(0, { client: 1 })],
        redeeming(0, { by: 1, authentication: "absent" }),
        tokens({ access: 0, refresh: 0 }),
      ),
      wrong(login, refreshing(0, { by: 1 }), tokens({ access: 1, refresh: 1 })),
      wrong(
        [approving(), redeeming(0, { key: "k1" })],
        refreshing(0, { key: "k2" }),
        tokens({ access: 1, refresh: 1 }),
      ),
    ],
  },
  ClientIdIsCreatedOnce: {
    witness: [{ _tag: "DeleteClient", client: 0 }, registering(0)],
    wrong: [
      wrong([], registering(0), { _tag: "Stored", client: 0 }),
      wrong([{ _tag: "DeleteClient", client: 0 }], registering(0), { _tag: "Stored", client: 0 }),
    ],
  },
  // What these promise does not show to a caller: doctored moves and stores are below.
  NoSecretIsStored: { witness: login, wrong: [] },
  OutsidersCannotGrowTheLog: { witness: [approving(), redeeming(0, { by: 1 })], wrong: [] },
  RebuiltEqualsServed: { witness: login, wrong: [] },
  StateIsBounded: { witness: [...login, passing(600_000), refreshing(0)], wrong: [] },
}

const promiseOf = (name: string) => promises.find((promise) => promise.name === name)!

const judged = (before: ReadonlyArray<Operation>, operation: Operation, reply?: Reply) => {
  const { model, machine } = played(before)
  const edge = ask({ model, machine }, operation)
  const tally = newTally()
  const step = stepOf(model, operation, reply ?? edge.move.reply)
  return {
    tally,
    breach: judgeStep(model, step, tally),
    inside: judgeMove(machine, operation, edge.move),
    edge,
    step,
    model,
  }
}

describe("the promises", () => {
  it("have a case each, a name and a sentence", () => {
    expect(promises.map(({ name }) => name)).toEqual(Object.keys(cases))
    for (const { sentence } of promises) expect(sentence).toMatch(/^[A-Z].*\.$/)
    for (const { onStep, onMove, onStore } of promises) expect(onStep ?? onMove ?? onStore).toBeDefined()
  })

  describe.each(Object.entries(cases))("%s", (name, { witness, wrong: wrongs }) => {
    it("can be at stake, and is kept", () => {
      const { tally, breach, inside } = judged(witness.slice(0, -1), witness.at(-1)!)
      expect(tally.get(name)).toBe(1)
      expect(breach ?? inside).toBeUndefined()
    })

    it.each(wrongs.map((one, index) => [index + 1, one] as const))("objects to wrong answer %i", (_, one) => {
      const { model, step } = judged(one.before, one.operation, one.reply)
      expect(promiseOf(name).onStep!(model, step)).toMatch(/\w/)
    })
  })

  it("are all kept in every witness", () => {
    for (const { witness } of Object.values(cases)) {
      witness.forEach((operation, index) => {
        const { breach, inside } = judged(witness.slice(0, index), operation)
        expect(breach?.objection ?? inside?.objection).toBeUndefined()
      })
    }
  })
})
