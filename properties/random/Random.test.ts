/** Model against machine on many sequences, how much they try, and that the engine finds what is wrong. */
import { afterAll, describe, expect, it } from "vitest"
import { opening, policy } from "../Opening.ts"
import { promises } from "../invariants/index.ts"
import { move, newMachine, type Machine, type Move } from "../Machine.ts"
import type { Operation, OperationTag } from "../Operation.ts"
import { recordRun } from "../Run.ts"
import { seenInFull, type System } from "../System.ts"
import { engineRunOf, tryMachine, trySystem, type RandomRun } from "./Random.ts"
import { tellFinding, toldSteps } from "./Story.ts"
import { isLong } from "../../test/support/Breadth.ts"

const SEED = 20_300_101
const SEQUENCES = isLong ? 8000 : 4000
/** How often each promise has to be at stake at least, for its being kept to mean something. */
const MIN_TRIES = SEQUENCES / 16

const tags = {
  Initialize: true,
  Register: true,
  Update: true,
  RotateSecret: true,
  DisableClient: true,
  EnableClient: true,
  DeleteClient: true,
  Approve: true,
  Deny: true,
  Redeem: true,
  Refresh: true,
  ClientCredentials: true,
  Exchange: true,
  Revoke: true,
  RevokeGrant: true,
  EndSessions: true,
  DisableSubject: true,
  EnableSubject: true,
  ForgetSubject: true,
  RaiseIssuerEpoch: true,
  Verify: true,
  Pass: true,
} satisfies Record<Exclude<OperationTag, "Invite" | "Push">, true>

const replies = ["Done", "Stored", "Code", "Tokens", "Active", "Inactive"]
const errors = [
  "invalid_request",
  "invalid_client",
  "invalid_grant",
  "unauthorized_client",
  "invalid_scope",
  "invalid_target",
  "access_denied",
  "invalid_client_metadata",
  "authorization_pending",
  "expired_token",
]

const notTried = [
  "registrations with a flaw, and a second initialisation",
  "calls at the same time: the machine decides one after the other",
  "what a store holds",
  "what a server keeps beside the machine: pushed requests, invitations, assertions that were used, how fast a device asks",
]

describe("the machine", () => {
  let run: RandomRun | undefined
  afterAll(() => {
    if (run !== undefined) recordRun("random", engineRunOf("random", [run], ["onStep", "onMove"], notTried))
  })

  it("answers as the model, and keeps every promise, in 8000 sequences that try everything", () => {
    run = tryMachine({ seed: SEED, sequenceCount: SEQUENCES })
    if (run.finding !== undefined) expect.fail(tellFinding("the machine", run.finding).join("\n"))
    expect(run.sequenceCount).toBe(SEQUENCES)
    expect([...run.operations.keys()].sort()).toEqual(Object.keys(tags).sort())
    expect([...run.replies.keys()].sort()).toEqual([...replies, ...errors].sort())
    for (const { name, onStep, onMove } of promises) {
      if ((onStep ?? onMove) === undefined) continue
      expect(run.tally.get(name), name).toBeGreaterThanOrEqual(MIN_TRIES)
    }
  })

  it("is tried by the same sequences with the same seed", () => {
    const [first, again] = [1, 2].map(() => tryMachine({ seed: 7, sequenceCount: 50 }))
    expect([...again!.operations]).toEqual([...first!.operations])
    expect([...again!.replies]).toEqual([...first!.replies])
  })
})

describe("a system with a fault", () => {
  const START_MILLIS = 1_893_456_000_000

  /** The machine, with something changed before or after each operation. */
  const changed = (
    change: (
      machine: Machine,
      operation: Operation,
    ) => { readonly asked: Machine; readonly after: (move: Move) => Machine },
  ): Promise<System> => {
    let machine = newMachine(policy, START_MILLIS)
    return Promise.resolve({
      name: "a faulty one",
      possible: () => true,
      accepts: () => true,
      sees: seenInFull,
      run: (operation) => {
        const { asked, after } = change(machine, operation)
        const moved = move(asked, operation)
        machine = after(moved)
        return Promise.resolve(moved.reply)
      },
      now: () => machine.at,
      close: () => Promise.resolve(),
    })
  }

  /** Access tokens are answered active for a second after their end. */
  const faulty = () =>
    changed((machine, operation) =>
      operation._tag === "Verify"
        ? { asked: { ...machine, at: machine.at - 1000 }, after: () => machine }
        : { asked: machine, after: (moved) => moved.machine },
    )

  /** A look at an access token that is dead ends its grant. */
  const touchy = () =>
    changed((machine, operation) => ({
      asked: machine,
      after: (moved) => {
        const token = operation._tag === "Verify" && operation.token !== "made up" ? operation.token : undefined
        const grant = token === undefined ? undefined : machine.accessTokens[token]?.grant
        return grant === undefined || moved.reply._tag !== "Inactive"
          ? moved.machine
          : move(moved.machine, { _tag: "RevokeGrant", grant, subject: "operator" }).machine
      },
    }))

  it("is found, named, and shrunk to a story", async () => {
    const { finding } = await trySystem(faulty, { seed: SEED, sequenceCount: 500 })
    expect(finding?.divergence.breach?.promise.name).toBe("ExpiryIsExact")
    expect(toldSteps(finding!.divergence).length).toBeLessThanOrEqual(4)
    const story = tellFinding("a slow clock", finding!)
    expect(story[0]).toMatch(/^ExpiryIsExact is broken: access token 0 is active/)
    expect(story).toContainEqual(expect.stringMatching(/the model: +not alive$/))
    expect(story).toContainEqual(expect.stringMatching(/≠ a slow clock: alive, .+ 0 s$/))
    expect(story.filter((line) => line.includes("is shown access token"))).toHaveLength(1)
    expect(story.at(-1)).toMatch(/^again: seed \d+, path [\d:]+$/)
  })

  it("that a look sets off is told of that look", async () => {
    const { finding } = await trySystem(touchy, { seed: SEED, sequenceCount: 2000 })
    expect(finding?.divergence.breach?.promise.name).toBe("ReadsChangeNothing")
    const [look, answer] = tellFinding("a touchy one", finding!).filter((_, index, story) =>
      [story[index], story[index - 1]].some((line) => line?.includes("is shown access token 0")),
    )
    expect([look, answer]).toEqual([expect.stringContaining("is shown access token 0"), "      → not alive"])
  })

  it("is found again by seed and path", async () => {
    const { finding } = await trySystem(faulty, { seed: SEED, sequenceCount: 500 })
    const { seed, path } = finding!
    const again = await trySystem(faulty, { seed, path, sequenceCount: 1 })
    expect(again.finding!.divergence.steps).toEqual(finding!.divergence.steps)
  })

  it("that goes wrong in the opening is told of that", async () => {
    const broken = async (): Promise<System> => ({
      ...(await faulty()),
      run: () => Promise.resolve({ _tag: "Inactive" }),
    })
    const { finding } = await trySystem(broken, { seed: SEED, sequenceCount: 1 })
    expect(toldSteps(finding!.divergence)).toHaveLength(1)
    expect(finding!.divergence.steps[0]!.operation).toEqual(opening[0])
  })
})
