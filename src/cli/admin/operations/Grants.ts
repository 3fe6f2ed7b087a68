/** The operations on grants: a list of them, the history of one from the log, and ending it. */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import { clientNames, clientsIn, versionAt, type NameOf } from "../../../audit/index.ts"
import { isGrantAlive, isLive, isUnsuspended, type EpochMillis, type Grant } from "../../../core/index.ts"
import type { ServerStore } from "../../../provider/index.ts"
import { requireAtHand } from "../../audit/Archives.ts"
import { subjectNamed } from "../../audit/Subjects.ts"
import { absent } from "../../Failure.ts"
import { pageOf, type Reading } from "../../Listing.ts"
import { time } from "../../Print.ts"
import { GrantDone, GrantHistory, GrantList, type ListedGrant } from "../answers/Grants.ts"
import { operation } from "../Operation.ts"
import { pageFields } from "./Pages.ts"

const grant_id = Schema.String.annotate({
  description: "the grant's id: the 22 characters behind gla_, glr_ or glc_",
})

type Listed = Exclude<Grant, { _tag: "Absent" }>

/** How a grant stands: of one that nothing ended by name, by its client, its subject, and what it came of. */
const statusOf = Effect.fnUntraced(function* (log: ServerStore, grant: Listed, now: EpochMillis) {
  if (grant._tag === "Revoked") return "revoked"
  if (grant._tag === "Denied") return "denied"
  if (!isLive(now, grant.expiresAt)) return "expired"
  const { state } = yield* log.rows.slice({ grantId: grant.grantId })
  if (!isGrantAlive(state, now)) return "ended"
  return isUnsuspended(state) ? "open" : "suspended"
})

/** What a list says of a grant: of one that ended, what it was for is in the log alone. */
const summary = Effect.fnUntraced(function* (log: ServerStore, grant: Listed, nameOf: NameOf, now: EpochMillis) {
  const { grantId: id, clientId, subjectId } = grant
  const [first] = grant._tag === "Open" ? [] : yield* log.readStream(`grant-${id}`, 0, 1)
  const opened = grant._tag === "Open" ? grant : first?.event._tag === "GrantOpened" ? first.event : undefined
  return {
    grant_id: id,
    status: yield* statusOf(log, grant, now),
    client_id: clientId,
    client_name: nameOf(clientId) ?? null,
    subject: subjectId,
    scope: opened?.scopes.join(" ") ?? "",
    resource: opened?.resources ?? [],
    opened: opened === undefined ? "" : time(opened.openedAt),
    ends: time(endOf(grant)),
  } satisfies ListedGrant
})

/** When it ends by itself at the latest, or ended. */
const endOf = (grant: Listed): number => {
  switch (grant._tag) {
    case "Open":
      return grant.expiresAt
    case "Revoked":
      return grant.revokedAt
    case "Denied":
      return grant.deniedAt
  }
}

export const listGrants = operation({
  name: "listGrants",
  group: "grants",
  method: "GET",
  path: "/admin/grants",
  summary: "List grants",
  description: "The newest first.",
  status: 200,
  refusals: ["not_found"],
  fields: {
    client: Schema.optionalKey(Schema.String.annotate({ description: "only those of this client" })),
    user: Schema.optionalKey(
      Schema.String.annotate({ description: "only those of this account, by its name or its subject's id" }),
    ),
    ...pageFields("the oldest first, instead of the newest"),
  },
  answer: GrantList,
  run: Effect.fnUntraced(function* ({ workplace }, { client, user, ...asked }) {
    const { server, log, beside } = yield* workplace
    const where = {
      ...(client === undefined ? {} : { clientId: client }),
      ...(user === undefined ? {} : { subjectId: yield* subjectNamed({ log, beside }, user) }),
    }
    const read = (reading: Reading) =>
      Effect.map(server.grants(where, reading), (grants) => grants.filter((grant) => grant._tag !== "Absent"))
    const { rows, ...cursors } = yield* pageOf(asked, (grant: Listed) => grant.grantId, read)
    const nameOf = yield* clientNames(
      log,
      rows.map(({ clientId }) => clientId),
    )
    const grants = yield* Effect.forEach(rows, (grant) => summary(log, grant, nameOf, server.now()))
    return { grants, ...cursors }
  }),
})

export const MAX_GRANT_EVENTS = 1000
export const USUAL_GRANT_EVENTS = 200

const position = (minimum: number) => Schema.Int.check(Schema.isGreaterThanOrEqualTo(minimum))

export const showGrant = operation({
  name: "showGrant",
  group: "grants",
  method: "GET",
  path: "/admin/grants/{grant_id}",
  summary: "Show what happened to a grant",
  description: "Its newest events, from the log, or those next to a position.",
  status: 200,
  refusals: ["not_found", "refused"],
  fields: {
    grant_id,
    before: Schema.optionalKey(
      position(0).annotate({ description: "only events older than the one at this position of the log" }),
    ),
    after: Schema.optionalKey(
      position(-1).annotate({ description: "only events newer than the one at this position of the log" }),
    ),
    limit: Schema.optionalKey(
      Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: MAX_GRANT_EVENTS })).annotate({
        description: `how many at most; by default ${USUAL_GRANT_EVENTS}`,
      }),
    ),
  },
  answer: GrantHistory,
  run: Effect.fnUntraced(function* (place, asked) {
    const { limit = USUAL_GRANT_EVENTS, grant_id: id } = asked
    const { log: own } = yield* place.workplace
    const log = yield* place.withArchives(own)
    const stream = `grant-${id}`
    yield* requireAtHand(log, id)
    const count = yield* log.streamVersion(stream)
    if (count === 0) return yield* absent(`there is no grant \`${id}\``)
    const countAt = (at: number | undefined, usual: number) =>
      at === undefined ? Effect.succeed(usual) : versionAt(log, stream, at)
    const first = yield* countAt(asked.after === undefined ? undefined : asked.after + 1, 0)
    const last = yield* countAt(asked.before, count)
    // Next to the position that was given; the newest where both were, or none.
    const isUpwards = asked.after !== undefined && asked.before === undefined
    const start = isUpwards ? first : Math.max(first, last - limit)
    const end = isUpwards ? Math.min(last, first + limit) : Math.max(start, last)
    const entries = yield* log.readStream(stream, start, end - start)
    const [olderCount, newerCount] = [start, count - end]
    const ids = entries.flatMap(clientsIn)
    const nameOf = yield* clientNames(log, ids)
    return {
      entries,
      olderCount,
      newerCount,
      before: olderCount === 0 ? null : (entries[0]?.position ?? null),
      after: newerCount === 0 ? null : (entries.at(-1)?.position ?? null),
      clientNames: Object.fromEntries(
        ids.flatMap((one) => {
          const name = nameOf(one)
          return one === null || name === undefined ? [] : [[one, name]]
        }),
      ),
    }
  }),
})

export const revokeGrant = operation({
  name: "revokeGrant",
  group: "grants",
  method: "POST",
  path: "/admin/grants/{grant_id}/revoke",
  summary: "End a grant",
  description: "It ends with everything that came of it.",
  status: 200,
  refusals: ["not_found"],
  fields: { grant_id },
  answer: GrantDone,
  run: Effect.fnUntraced(function* ({ workplace }, { grant_id: id }) {
    const { server } = yield* workplace
    if ((yield* server.grant(id))._tag === "Absent") return yield* absent(`there is no grant \`${id}\``)
    yield* server.revokeGrant(id, "operator")
    return { grant_id: id, done: "revoked" as const }
  }),
})
