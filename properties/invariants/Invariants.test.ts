/** Every promise: a way to get to where it is at stake and kept, and wrong answers that it objects to. */
import { describe, expect, it } from "vitest"
import { profiles } from "../Opening.ts"
import type { Operation, Reply } from "../Operation.ts"
import { ask } from "../explore/Product.ts"
import {
  START_MILLIS,
  GRANT_MILLIS,
  one,
  two,
  actForItself,
  approve,
  redeem,
  refresh,
  revoke,
  verify,
  pass,
  register,
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

const cases: Readonly<Record<string, Case>> = {
  CodeIsSingleUse: {
    witness: [...login, redeem()],
    wrong: [
      wrong(login, redeem(), tokens()),
      wrong(login, redeem({ verifier: "wrong" }), tokens({ access: 1, refresh: null })),
    ],
  },
  ReplayKillsGrant: {
    witness: [...login, redeem(), verify()],
    wrong: [
      wrong([...login, redeem()], verify(), active()),
      wrong([...login, redeem()], refresh(0), tokens({ access: 1, refresh: 1 })),
    ],
  },
  OnlyTheOwnerCanHarm: {
    witness: [...login, revoke("refresh", 0, 1)],
    wrong: [
      wrong([...login, revoke("refresh", 0, 1)], verify(), inactive),
      wrong([...login, redeem({ verifier: "wrong" })], refresh(0), refused),
      wrong([...login, verify(), refresh(0, { by: 1 })], refresh(0), refused),
      wrong([approve(), redeem({ by: 1 })], redeem(), refused),
    ],
  },
  RotationIsLinear: {
    witness: [...login, refresh(0), refresh(0)],
    wrong: [wrong([...login, refresh(0)], refresh(0), tokens({ access: 2, refresh: 2 }))],
  },
  RetryIsIdempotent: {
    witness: [...login, refresh(0), pass(29_000), refresh(0)],
    wrong: [
      // Two things are wrong about a second successor; this promise is asked alone.
      wrong([...login, refresh(0)], refresh(0), tokens({ access: 1, refresh: 0 })),
      wrong([...login, refresh(0)], refresh(0), refused),
    ],
  },
  ReuseKillsGrant: {
    witness: [...login, refresh(0), refresh(1), refresh(0), verify(2)],
    wrong: [
      wrong([...login, refresh(0), refresh(1), refresh(0)], verify(2), active()),
      wrong([...login, refresh(0), refresh(1)], refresh(0), tokens({ access: 1, refresh: 1 })),
      wrong([...login, refresh(0), pass(30_000)], refresh(0), tokens({ access: 1, refresh: 1 })),
    ],
  },
  ScopeNeverGrows: {
    witness: [...login, refresh(0, { scopes: ["read", "admin"] })],
    wrong: [
      wrong(login, refresh(0, { scopes: ["admin"] }), tokens({ access: 1, refresh: 1, scopes: ["admin"] })),
      wrong(narrow, verify(1), active({ scopes: ["read", "write"], resources: [one] })),
    ],
  },
  AudienceNeverGrows: {
    witness: [...narrow, verify(1)],
    wrong: [
      wrong(narrow, verify(1), active({ resources: [one, two] })),
      wrong(narrow, verify(0), active({ resources: ["https://other.example/"] })),
    ],
  },
  LifetimeNeverGrows: {
    witness: [...login, pass(3_000_000), refresh(0), pass(3_000_000), refresh(1), pass(1_000_000), refresh(2)],
    wrong: [
      wrong(login, refresh(0), tokens({ access: 1, refresh: 1, expiresAt: START_MILLIS + GRANT_MILLIS + 1000 })),
      wrong(login, verify(), active({ expiresAt: START_MILLIS + 601_000 })),
    ],
  },
  RevocationIsFinal: {
    witness: [...login, revoke("access", 0), verify()],
    wrong: [
      wrong([...login, revoke("access", 0)], verify(), active()),
      wrong([...login, revoke("refresh", 0)], verify(), active()),
      wrong([...login, revoke("refresh", 0)], refresh(0), tokens({ access: 1, refresh: 1 })),
      wrong([...login, { _tag: "DisableClient", client: 0 }], verify(), active()),
      wrong([...login, { _tag: "DeleteClient", client: 0 }], verify(), active()),
      wrong([...login, { _tag: "EndSessions", subject: 0 }], verify(), active()),
      wrong([...login, { _tag: "RaiseIssuerEpoch" }], verify(), active()),
      wrong([...login, { _tag: "RevokeGrant", grant: 0, subject: "operator" }], verify(), active()),
    ],
  },
  ReadsChangeNothing: {
    witness: [...login, pass(600_000), verify()],
    wrong: [
      wrong([...login, pass(600_000), verify()], refresh(0), refused),
      wrong([...login, verify("made up")], verify(), inactive),
    ],
  },
  ExpiryIsExact: {
    witness: [...login, pass(600_000), verify()],
    wrong: [
      wrong([...login, pass(600_000)], verify(), active()),
      wrong([...login, pass(599_000)], verify(), inactive),
      wrong(login, verify(), inactive),
      wrong([approve(), pass(60_000)], redeem(), tokens()),
      wrong([...login, pass(3_600_000)], refresh(0), tokens({ access: 1, refresh: 1 })),
      wrong([], approve({ isLate: true }), { _tag: "Code", grant: 0 }),
    ],
  },
  ConsentComesFirst: {
    witness: [verify("made up")],
    wrong: [
      wrong([], verify("made up"), active()),
      wrong([], redeem({ code: "made up" }), tokens({ access: 0, refresh: 0 })),
      wrong([], approve({ redirectUri: "unregistered" }), { _tag: "Code", grant: 0 }),
      wrong([], approve({ basis: "Auto", redirectUri: "app" }), { _tag: "Code", grant: 0 }),
      wrong(login, verify(), active({ client: 1 })),
      wrong(login, verify(), active({ subject: 1 })),
      wrong([], actForItself(1, { authentication: "wrong" }), tokens({ access: 0, refresh: null })),
      wrong([], actForItself(3), tokens({ access: 0, refresh: null })),
      wrong(
        [{ _tag: "Update", client: 3, profile: profiles[1]!, flaw: null }],
        actForItself(3),
        tokens({ access: 0, refresh: null }),
      ),
      wrong(
        [{ _tag: "Deny", grant: 0, client: 0, subject: 0, redirectUri: "loopback" }],
        redeem(),
        tokens({ access: 0, refresh: 0 }),
      ),
    ],
  },
  RequestIsAnsweredOnce: {
    witness: [approve(), approve()],
    wrong: [
      wrong([approve()], approve(), { _tag: "Code", grant: 0 }),
      wrong([approve()], { _tag: "Deny", grant: 0, client: 0, subject: 0, redirectUri: "loopback" }, { _tag: "Done" }),
    ],
  },
  BoundMeansBound: {
    witness: [approve(), redeem({ verifier: "wrong" })],
    wrong: [
      wrong([approve()], redeem({ by: 1 }), tokens({ access: 0, refresh: 0 })),
      wrong([approve()], redeem({ verifier: "absent" }), tokens({ access: 0, refresh: 0 })),
      wrong([approve()], redeem({ redirectUri: "wrong" }), tokens({ access: 0, refresh: 0 })),
      wrong([approve({ key: "k1" })], redeem({ key: "k2" }), tokens({ access: 0, refresh: 0 })),
      wrong([approve({ client: 1 })], redeem({ by: 1, authentication: "absent" }), tokens({ access: 0, refresh: 0 })),
      wrong(login, refresh(0, { by: 1 }), tokens({ access: 1, refresh: 1 })),
      wrong([approve(), redeem({ key: "k1" })], refresh(0, { key: "k2" }), tokens({ access: 1, refresh: 1 })),
    ],
  },
  ClientIdIsCreatedOnce: {
    witness: [{ _tag: "DeleteClient", client: 0 }, register(0)],
    wrong: [
      wrong([], register(0), { _tag: "Stored", client: 0 }),
      wrong([{ _tag: "DeleteClient", client: 0 }], register(0), { _tag: "Stored", client: 0 }),
    ],
  },
  // What these promise does not show to a caller: doctored moves and stores are below.
  NoSecretIsStored: { witness: login, wrong: [] },
  OutsidersCannotGrowTheLog: { witness: [approve(), redeem({ by: 1 })], wrong: [] },
  RebuiltEqualsServed: { witness: login, wrong: [] },
  StateIsBounded: { witness: [...login, pass(600_000), refresh(0)], wrong: [] },
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
