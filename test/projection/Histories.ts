/**
 * Histories to hold rows against: a walk of commands through a small world, decided by the core and appended.
 *
 * Two clients, two subjects, six grants. A step is a few small numbers; what command it becomes depends on the state it
 * meets, so that most steps get somewhere. The slice is read from the rows, as the provider does.
 */
import { Effect } from "effect"
import fc from "fast-check"
import {
  decide,
  lifecycleOf,
  streamOf,
  type ClientId,
  type Command,
  type EpochMillis,
  type Event,
  type Grant,
} from "../../src/core/index.ts"
import type { Append, EventLog, Store } from "../../src/log/index.ts"
import {
  inlineProjection,
  rowChanges,
  type ProjectedLog,
  type RowQueries,
  type Served,
} from "../../src/projection/index.ts"
import {
  FILES,
  actForItself,
  alice,
  app,
  at,
  digest,
  exchange,
  exchangeMetadata,
  grantId,
  initialize,
  older,
  open,
  raiseEpoch,
  redeem,
  refresh,
  refuseConsent,
  register,
  registerService,
  resources,
  revoke,
  rotateSecret,
  scopes,
  service,
  serviceMetadata,
  subjectId,
  toClient,
  toSubject,
  update,
} from "../core/support/Facts.ts"
import { proposed } from "../log/Samples.ts"

/** What a history is walked over. */
export type HistoryStore = ProjectedLog & Pick<Store<RowQueries>, "dump" | "rebuild" | "rowsNow">

export const clientIds = [app, service] as const
export const subjectIds = [alice, subjectId("bob")] as const
export const grantIds = ["g1", "g2", "g3", "g4", "g5", "g6"].map(grantId)

const kinds = [
  ["open", 12],
  ["redeem", 12],
  ["replay", 3],
  ["wrongVerifier", 2],
  ["refresh", 20],
  ["retry", 8],
  ["retryForLess", 6],
  ["older", 2],
  ["actForItself", 3],
  ["exchange", 12],
  ["revokeAccess", 4],
  ["revokeRefresh", 1],
  ["revokeGrant", 1],
  ["deny", 2],
  ["disableClient", 1],
  ["enableClient", 5],
  ["deleteClient", 0.3],
  ["updateClient", 1],
  ["rotateSecret", 1],
  ["signOut", 1],
  ["disableSubject", 1],
  ["enableSubject", 5],
  ["forgetSubject", 0.3],
  ["raiseEpoch", 0.5],
] as const

export interface Step {
  readonly kind: (typeof kinds)[number][0]
  readonly grant: number
  readonly subject: number
  readonly client: number
  readonly pause: number
}

const step: fc.Arbitrary<Step> = fc.record({
  kind: fc.oneof(...kinds.map(([kind, weight]) => ({ weight: weight * 10, arbitrary: fc.constant(kind) }))),
  grant: fc.nat(grantIds.length - 1),
  subject: fc.nat(subjectIds.length - 1),
  client: fc.nat(clientIds.length - 1),
  pause: fc.oneof(
    { weight: 5, arbitrary: fc.constantFrom(0, 1, 1000) },
    { weight: 1, arbitrary: fc.constantFrom(29_999, 30_000, 59_999, 60_000, 600_000, 3_600_000) },
  ),
})

export const history = fc.array(step, { minLength: 30, maxLength: 80, size: "max" })

/** The step before the one asked for, where that would come too early; the one after it, where it would come too late. */
const fitting = (kind: Step["kind"], grant: Grant): Step["kind"] => {
  if (!["redeem", "refresh", "retry", "retryForLess", "revokeAccess"].includes(kind)) return kind
  if (grant._tag === "Absent") return "open"
  if (grant._tag !== "Open" || grant.code === null) return kind
  if (grant.code.redeemedAt === null) return "redeem"
  return kind === "redeem" || (kind.startsWith("retry") && (grant.refresh?.previous ?? null) === null)
    ? "refresh"
    : kind
}

/** `serial` makes what is issued here unlike anything else. */
const commandOf = (one: Step, log: HistoryStore, now: EpochMillis, serial: number): Command => {
  const id = grantIds[one.grant]!
  const subject = subjectIds[one.subject]!
  const client: ClientId = clientIds[one.client]!
  const { state } = Effect.runSync(log.rows.grant(id))
  const grant = state._tag === "Open" ? state : undefined
  const about = { grantId: id, at: now }
  const generation = grant?.refresh?.current.generation ?? 1
  const fresh = (name: string) => digest(`${name}-${serial}`)
  const again = (over: Partial<Parameters<typeof refresh>[1]>, accessToken = fresh("access")): Command => ({
    ...refresh(generation, { ...about, ...over }),
    presented: { _tag: "Previous", accessToken },
  })
  switch (fitting(one.kind, state)) {
    case "open":
      return open({
        ...about,
        basis: { _tag: "User", subjectId: subject, approvedAt: now },
        requestedAt: now,
        code: fresh("code"),
      })
    case "deny":
      return refuseConsent({ ...about, subjectId: subject })
    case "redeem":
    case "replay":
      return redeem({ ...about, accessToken: fresh("access"), refreshToken: fresh("refresh") })
    case "wrongVerifier":
      return redeem({ ...about, verifier: null })
    case "refresh":
      return refresh(generation, {
        ...about,
        presented: {
          _tag: "Current",
          successor: { ...successor, refreshToken: fresh("refresh"), accessToken: fresh("access") },
        },
      } as Partial<Parameters<typeof refresh>[1]>)
    case "retry":
      return again({}, grant?.refresh?.previous?.answers[0]?.digest)
    case "retryForLess":
      return again({ scopes: scopes("read"), resources: resources(FILES) })
    case "older":
      return older(1, about)
    case "actForItself":
      return actForItself({ ...about, accessToken: fresh("access") })
    case "exchange": {
      const states = grantIds.map((each) => ({ each, held: Effect.runSync(log.rows.grant(each)).state }))
      const free = states.findLast(({ held }) => held._tag === "Absent")?.each ?? id
      // The newest first, so that chains come about.
      const holding = states.toReversed().flatMap(({ each, held }) => {
        const token = held._tag === "Open" ? held.accessTokens.at(-1) : undefined
        return token === undefined ? [] : [{ grantId: each, digest: token.digest }]
      })
      const subject = holding[one.client] ?? { grantId: free, digest: fresh("none") }
      return exchange({ ...about, grantId: free, subject, accessToken: fresh("access") })
    }
    case "revokeAccess":
      return revoke({
        ...about,
        clientId: grant?.clientId ?? client,
        authentication: grant?.clientId === service ? "verified" : "none",
        presented: { _tag: "AccessToken", digest: grant?.accessTokens.at(-1 - one.client)?.digest ?? fresh("none") },
      })
    case "revokeRefresh":
      return revoke({ ...about, presented: { _tag: "RefreshToken" } })
    case "revokeGrant":
      return { _tag: "RevokeGrant", ...about, subjectId: null }
    case "disableClient":
      return toClient("DisableClient", { clientId: client, at: now })
    case "enableClient":
      return toClient("EnableClient", { clientId: client, at: now })
    case "deleteClient":
      return toClient("DeleteClient", { clientId: client, at: now })
    case "rotateSecret":
      return rotateSecret({ at: now })
    case "updateClient":
      return update({ at: now })
    case "signOut":
      return toSubject("RevokeSubjectSessions", { subjectId: subject, at: now })
    case "disableSubject":
      return toSubject("DisableSubject", { subjectId: subject, at: now })
    case "enableSubject":
      return toSubject("EnableSubject", { subjectId: subject, at: now })
    case "forgetSubject":
      return toSubject("ForgetSubject", { subjectId: subject, at: now })
    case "raiseEpoch":
      return raiseEpoch({ at: now })
  }
}

const usual = refresh(1).presented
if (usual._tag !== "Current") throw new Error("a refresh presents the current token")
const { successor } = usual

/** Decides against the rows and appends; gives the append, or nothing where nothing happened. */
export const execute = async (log: HistoryStore, command: Command): Promise<Append | undefined> => {
  const subject =
    "subjectId" in command
      ? command.subjectId
      : "basis" in command && "subjectId" in command.basis
        ? command.basis.subjectId
        : undefined
  const slice = await Effect.runPromise(
    log.rows.slice({
      ...("grantId" in command ? { grantId: command.grantId } : {}),
      ...("clientId" in command ? { clientId: command.clientId } : {}),
      ...(typeof subject === "string" ? { subjectId: subject } : {}),
      ...(command._tag === "ExchangeToken" ? { presented: [command.subject] } : {}),
    }),
  )
  const { events } = decide(slice.state, command)
  return events.length === 0 ? undefined : appendOn(log, slice, events, command.at)
}

/** Appends what was decided on a slice, as a server does. */
export const appendOn = async (
  log: EventLog,
  slice: Served,
  events: ReadonlyArray<Event>,
  when: number,
): Promise<Append> => {
  const one: Append = {
    stream: streamOf(events[0]!),
    expectedVersion: slice.versions[lifecycleOf(events[0]!)],
    events: events.map((event) => proposed(event)),
    checks: [],
    claims: [],
    rows: rowChanges(slice, events),
    projection: inlineProjection.description,
    at: when,
  }
  const outcome = await Effect.runPromise(log.append(one))
  if (outcome._tag !== "Appended") throw new Error(`${one.stream} was not appended to: ${JSON.stringify(outcome)}`)
  return one
}

/** The commands that every history begins with. */
const grantTypes = [...serviceMetadata.grant_types, ...exchangeMetadata.grant_types]

export const beginning: ReadonlyArray<Command> = [
  initialize(),
  register(),
  registerService({ metadata: { ...serviceMetadata, grant_types: grantTypes } }),
]

/** Walks the steps; `onAppend` is told what was appended, as soon as it is, and what time it is then. */
export const walk = async (
  log: HistoryStore,
  steps: ReadonlyArray<Step>,
  onAppend: (appended: Append, now: EpochMillis) => unknown = () => {},
): Promise<EpochMillis> => {
  let now = at(0)
  for (const command of beginning) {
    const appended = await execute(log, command)
    if (appended !== undefined) await onAppend(appended, now)
  }
  for (const [serial, one] of steps.entries()) {
    now = (now + one.pause) as EpochMillis
    const command = commandOf(one, log, now, serial)
    const appended = await execute(log, command)
    if (appended !== undefined) await onAppend(appended, now)
  }
  return now
}
