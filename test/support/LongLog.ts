/**
 * A log in a file with one grant that was refreshed for weeks, and with many others: written faster than by appends.
 *
 * Entries, leaves and tree are those that the log would have written, by its own functions, and so are the rows of the
 * long grant. The other grants are over and have no rows, as if they had been pruned.
 */
import { hash } from "node:crypto"
import { streamOf, type Event } from "../../src/core/index.ts"
import { applyChange, openNodeSqlite, toStored, within, type Recorded, type Row } from "../../src/log/index.ts"
import { transactionOver } from "../../src/log/sql/Commit.ts"
import { growTree } from "../../src/log/Tree.ts"
import { inlineProjection } from "../../src/projection/index.ts"

const REFRESH_EVERY_MILLIS = 60_000
const HOUR_MILLIS = 3_600_000
const DAY_MILLIS = 24 * HOUR_MILLIS
/** Entries that are written in one transaction. */
const BATCH = 20_000

export const LONG_GRANT = "L".repeat(22)
export const SUBJECT = "sub_longest"

export const digestNamed = (name: string): string => hash("sha256", name, "base64url")
export const refreshDigest = (generation: number): string => digestNamed(`refresh ${generation}`)
export const accessDigest = (generation: number): string => digestNamed(`access ${generation}`)
export const codeDigest = digestNamed("code")

export interface LongLog {
  readonly clientId: string
  /** The key that events name. */
  readonly keyId: string
  /** The time of the newest entry, milliseconds since the epoch. */
  readonly endMillis: number
  /** Entries of the long grant: five, and two for each refresh. */
  readonly grantEntryCount: number
  /** Entries of others, before it. */
  readonly otherEntryCount: number
  /** Generations whose access token its client ended, and the generation that there was by then. */
  readonly endings?: ReadonlyArray<readonly [generation: number, at: number]>
  /** Whether the refresh token of this generation is presented again at the end, which ends the grant. */
  readonly reusedGeneration?: number
}

/** Plain records, which the log takes as they are: decoding them would cost more than writing them. */
type Plain = { readonly _tag: Event["_tag"] } & Readonly<Record<string, unknown>>
const event = (plain: Plain): Event => plain as unknown as Event

const opened = (grantId: string, clientId: string, subjectId: string | null, at: number, expiresAt: number): Plain => ({
  _tag: "GrantOpened",
  grantId,
  clientId,
  subjectId,
  basis: subjectId === null ? { _tag: "ClientCredentials" } : { _tag: "User", subjectId, approvedAt: at },
  request:
    subjectId === null
      ? null
      : {
          redirectUri: "http://127.0.0.1:8123/callback",
          redirectUriProvidedExplicitly: true,
          codeChallenge: digestNamed("challenge"),
          jkt: null,
        },
  scopes: ["read"],
  resources: [],
  refreshable: subjectId !== null,
  metadataDigest: null,
  epochs: { issuer: 0, client: 0, subject: subjectId === null ? null : 0 },
  openedAt: at,
  expiresAt,
})

const access = (grantId: string, digest: string, generation: number, parent: string | null, at: number): Plain => ({
  _tag: "AccessTokenIssued",
  grantId,
  digest,
  generation,
  parent,
  jkt: null,
  scopes: ["read"],
  resources: [],
  issuedAt: at,
  expiresAt: at + HOUR_MILLIS,
})

/** The events of the long grant, a page of each time that something happened. */
function* longGrant({ clientId, keyId, endMillis, grantEntryCount, ...asked }: LongLog) {
  const { endings = [], reusedGeneration } = asked
  const refreshCount = Math.floor((grantEntryCount - 5) / 2)
  const start = endMillis - refreshCount * REFRESH_EVERY_MILLIS
  const grantId = LONG_GRANT
  const refresh = { grantId, jkt: null }
  yield [
    opened(grantId, clientId, SUBJECT, start, endMillis + 365 * DAY_MILLIS),
    { _tag: "AuthorizationCodeIssued", grantId, digest: codeDigest, issuedAt: start, expiresAt: start + 60_000 },
    { _tag: "AuthorizationCodeRedeemed", grantId, redeemedAt: start },
    access(grantId, accessDigest(1), 1, codeDigest, start),
    {
      _tag: "RefreshTokenIssued",
      ...refresh,
      generation: 1,
      parent: codeDigest,
      digest: refreshDigest(1),
      afterVersion: 2,
      issuedAt: start,
      expiresAt: start + 30 * DAY_MILLIS,
    },
  ] as const satisfies ReadonlyArray<Plain>
  let afterVersion = 5
  for (let generation = 2; generation <= refreshCount + 1; generation++) {
    const at = start + (generation - 1) * REFRESH_EVERY_MILLIS
    const parent = refreshDigest(generation - 1)
    const rotated = { afterVersion, keyId, rotatedAt: at, expiresAt: at + 30 * DAY_MILLIS }
    const page = [
      { _tag: "RefreshTokenRotated", ...refresh, generation, parent, digest: refreshDigest(generation), ...rotated },
      access(grantId, accessDigest(generation), generation, parent, at),
      ...endings
        .filter(([, ended]) => ended === generation)
        .map(([of]) => ({
          _tag: "AccessTokenRevoked",
          grantId,
          digest: accessDigest(of),
          reason: "client",
          revokedAt: at,
        })),
    ] as ReadonlyArray<Plain>
    afterVersion += page.length
    yield page
  }
  if (reusedGeneration === undefined) return
  const digest = refreshDigest(reusedGeneration)
  yield [
    { _tag: "RefreshTokenReused", grantId, digest, generation: reusedGeneration, reusedAt: endMillis },
    { _tag: "GrantRevoked", grantId, reason: "refresh_token_reused", revokedAt: endMillis },
  ] as ReadonlyArray<Plain>
}

/** Tokens that a client got for itself, each a grant of two entries that is over. */
function* otherGrants({ clientId, otherEntryCount, endMillis }: LongLog, at: number) {
  for (let number = 0; number < otherEntryCount / 2; number++) {
    const grantId = String(number).padStart(22, "0")
    const before = Math.min(at, endMillis - 2 * HOUR_MILLIS)
    yield [
      opened(grantId, clientId, null, before, before + HOUR_MILLIS),
      access(grantId, digestNamed(`other ${number}`), 1, null, before),
    ] as ReadonlyArray<Plain>
  }
}

const timeOf = (plain: Plain): number =>
  Number(
    ["openedAt", "issuedAt", "redeemedAt", "rotatedAt", "revokedAt", "reusedAt"].map((at) => plain[at]).find(Boolean),
  )

/** Adds to a log in `file` that is not in use and has its client already. */
export const lengthenLog = (file: string, log: LongLog): void => {
  const driver = openNodeSqlite(file)
  // Nobody else has it, and one that is cut off is thrown away.
  driver.exec("PRAGMA journal_mode = OFF; PRAGMA synchronous = OFF; PRAGMA cache_size = -262144")
  const { rows, insert, leavesFrom } = transactionOver(driver)
  const last: Row | undefined = driver.prepare("SELECT * FROM entries ORDER BY position DESC LIMIT 1").get()
  let position = Number(last?.["position"] ?? -1) + 1
  let recordedAt = Number(last?.["recorded_at"] ?? 0)

  const write = (plain: ReadonlyArray<Plain>, version: number): ReadonlyArray<Recorded> =>
    plain.map((one, index) => {
      recordedAt = Math.max(recordedAt, timeOf(one))
      const recorded: Recorded = {
        id: `event-${String(position).padStart(10, "0")}`,
        event: event(one),
        correlationId: `request-${position - index}`,
        causationId: null,
        actor: log.clientId,
        sealed: null,
        position,
        stream: streamOf(event(one)),
        version: version + index + 1,
        recordedAt,
      }
      insert(toStored(recorded))
      growTree(rows, leavesFrom, position)
      position++
      return recorded
    })

  const writeAll = (appends: Iterator<ReadonlyArray<Plain>, void>, isOneStream: boolean): ReadonlyArray<Recorded> => {
    const written: Array<Recorded> = []
    let version = 0
    for (let next = appends.next(); !next.done;) {
      within(driver, () => {
        for (const end = position + BATCH; !next.done && position < end; next = appends.next()) {
          const recorded = write(next.value, isOneStream ? version : 0)
          version += recorded.length
          if (isOneStream) written.push(...recorded)
        }
      })
    }
    return written
  }

  writeAll(otherGrants(log, recordedAt), false)
  const own = writeAll(longGrant(log), true)
  within(driver, () => inlineProjection.fold(own).forEach((change) => applyChange(rows, change)))
  driver.exec("PRAGMA journal_mode = WAL")
  driver.close()
}
