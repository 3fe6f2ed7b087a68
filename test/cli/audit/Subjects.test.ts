/** Item 19: names of accounts, where a subject is asked about. What they mean, and what they may be taken for as well. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { openAuditIndex, questionOf, type AuditIndex, type Meaning } from "../../../src/audit/index.ts"
import { actorNamed, questionByName, subjectNamed, type Named } from "../../../src/cli/audit/Subjects.ts"
import type { SubjectId } from "../../../src/core/index.ts"
import type { ForgetLedger } from "../../../src/provider/index.ts"
import { ALICE, auditOf, logins, run } from "../../audit/Logins.ts"

const refused = async <A>(asked: Effect.Effect<A, { readonly message: string }>) => {
  const fault = await run(Effect.flip(asked))
  return [fault.constructor.name, fault.message]
}

const ambiguous = (what: string, subjectId: string) => [
  "UsageFault",
  `that is the id of a ${what}, and the name of an account, too: put id: in front of it for the ${what}, or give ${subjectId} for the account`,
]

/** Accounts of these names, and the subjects that they have. */
const accounts = async (...names: ReadonlyArray<string>) => {
  const world = await logins()
  const added = new Map<string, SubjectId>()
  for (const name of names) {
    const account = await run(world.native.accounts.add(name, undefined, world.native.now()))
    added.set(name, account!.subjectId)
  }
  const place: Named = { log: world.store, beside: {} }
  return { ...world, place, subjectOf: (name: string) => added.get(name)! }
}

/** What is noted as to be forgotten. */
const ledgerOf = (...noted: ReadonlyArray<string>) =>
  ({ read: Effect.succeed(noted.map((subjectId) => ({ subjectId, forgottenAt: 0 }))) }) as unknown as ForgetLedger

describe("a subject", () => {
  it("is meant by its id, by the name of its account, and by an id that is marked as one", async () => {
    const { place, subjectOf } = await accounts("demo person")
    expect(await run(subjectNamed(place, ALICE))).toBe(ALICE)
    expect(await run(subjectNamed(place, "demo person"))).toBe(subjectOf("demo person"))
    expect(await run(subjectNamed(place, `id:${ALICE}`))).toBe(ALICE)
  })

  it("that nobody is is absent, also where an id is meant and a name was given", async () => {
    const { place } = await accounts("demo", "id:demo")
    const fault = await run(Effect.flip(subjectNamed(place, "nobody")))
    expect(fault).toMatchObject({
      _tag: "CommandFault",
      message: "there is no account `nobody`, and no subject of that id",
      isAbsence: true,
    })
    expect(await refused(subjectNamed(place, "id:demo"))).toEqual([
      "CommandFault",
      "there is no account `id:demo`, and no subject of that id",
    ])
  })

  it("is not guessed where an account is called as another subject is", async () => {
    const { place, subjectOf } = await accounts(ALICE)
    expect(await refused(subjectNamed(place, ALICE))).toEqual(ambiguous("subject", subjectOf(ALICE)))
  })

  it("has no name once it was forgotten, or is to be", async () => {
    const { place, subjectOf } = await accounts("demo", "other")
    const [demo, other] = [subjectOf("demo"), subjectOf("other")]
    const noted = { ...place, beside: { forgetLedger: ledgerOf(other, demo) } }
    const gone = ["CommandFault", "there is no account `demo`, and no subject of that id"]
    expect(await refused(subjectNamed(noted, "demo"))).toEqual(gone)
    const elsewhere = { ...place, beside: { forgetLedger: ledgerOf(other) } }
    expect(await run(subjectNamed(elsewhere, "demo"))).toBe(demo)
    const rows = { ...place.log.rows, subject: () => Effect.succeed({ state: { status: "forgotten" } } as never) }
    expect(await refused(subjectNamed({ ...place, log: { ...place.log, rows } }, "demo"))).toEqual(gone)
  })
})

describe("who did something", () => {
  it("is meant by the id that the log has, or by the name of an account", async () => {
    const { place, subjectOf } = await accounts("demo", "id:demo")
    expect(await run(actorNamed(place, "demo"))).toBe(subjectOf("demo"))
    for (const [text, id] of [
      ["operator", "operator"],
      ["app", "app"],
      ["nobody", "nobody"],
      ["id:demo", "demo"],
    ] as const) {
      expect(await run(actorNamed(place, text))).toBe(id)
    }
  })

  it("is not guessed where an account is called as the operator, another subject or a client is", async () => {
    const { place, subjectOf } = await accounts("operator", ALICE, "app")
    expect(await refused(actorNamed(place, "operator"))).toEqual(ambiguous("operator", subjectOf("operator")))
    expect(await refused(actorNamed(place, ALICE))).toEqual(ambiguous("subject", subjectOf(ALICE)))
    expect(await refused(actorNamed(place, "app"))).toEqual(ambiguous("client", subjectOf("app")))
  })
})

describe("a question", () => {
  /** An index that knows so much of any subject and any metadata document, and nothing else. */
  const indexOf = (positions: ReadonlyArray<number>, grants: ReadonlyArray<object> = []) =>
    ({ positions: () => Effect.succeed(positions), grants: () => Effect.succeed(grants) }) as unknown as AuditIndex

  it("whose text is no account's name is what it was", async () => {
    const world = await accounts("demo")
    const audit = { ...(await auditOf(world)), log: world.store }
    for (const text of ["app", "id:demo", "nobody"]) {
      const question = questionOf(text)
      expect(await run(questionByName(audit, {}, question))).toBe(question)
    }
  })

  it("whose text is an account's name is about its subject: known to the rows, or to the index alone", async () => {
    const { store, login, subjectOf } = await accounts("demo")
    const meant = {
      meanings: [{ _tag: "Subject", subjectId: subjectOf("demo") }],
      namedGrant: undefined,
      name: undefined,
    }
    const known = { log: store, index: indexOf([3]) }
    expect(await run(questionByName(known, {}, questionOf("demo")))).toEqual(meant)
    await login("app", subjectOf("demo"))
    const behind = { log: store, index: openAuditIndex(store, undefined) }
    expect(await run(questionByName(behind, {}, questionOf("demo")))).toEqual(meant)
    const noted = { forgetLedger: ledgerOf(subjectOf("demo")) }
    expect(await run(questionByName(behind, noted, questionOf("demo")))).toEqual(questionOf("demo"))
  })

  it("of an account of which nothing is recorded is refused, whatever is recorded of others", async () => {
    const { store, login, subjectOf } = await accounts("demo")
    await login()
    const audit = { log: store, index: indexOf([]) }
    expect(await refused(questionByName(audit, {}, questionOf("demo")))).toEqual([
      "CommandFault",
      `that is the account of the subject ${subjectOf("demo")}, of which nothing is recorded yet`,
    ])
  })

  it("whose text is an account's name and something else is not guessed at", async () => {
    const world = await accounts("demo")
    const { grantId, code } = await world.login()
    const audit = { ...(await auditOf(world)), log: world.store }
    const digest = (await run(world.store.readStream(`grant-${grantId}`))).flatMap(({ event }) =>
      event._tag === "AuthorizationCodeIssued" ? [event.digest] : [],
    )[0]!
    expect(digest).not.toBe(code)
    const asked = (meaning: Meaning, index = audit.index) =>
      refused(questionByName({ ...audit, index }, {}, { meanings: [meaning], namedGrant: undefined, name: "demo" }))
    const cases: ReadonlyArray<readonly [Meaning, string]> = [
      [{ _tag: "Token", digest }, "code or token"],
      [{ _tag: "Grant", grantId }, "grant"],
      [{ _tag: "Client", clientId: "app" }, "client"],
      [{ _tag: "Subject", subjectId: ALICE }, "subject"],
    ]
    for (const [meaning, what] of cases) expect(await asked(meaning)).toEqual(ambiguous(what, world.subjectOf("demo")))
    expect(await asked({ _tag: "Metadata", digest }, indexOf([], [{}]))).toEqual(
      ambiguous("metadata document", world.subjectOf("demo")),
    )
  })
})
