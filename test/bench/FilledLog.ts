/**
 * A log filled as the machine would have written it, only faster: by the log's own append, many at a time.
 *
 * Clients and subjects grow with the log, what one of them did does not. Ids and tokens follow from a grant's number.
 */
import { hash } from "node:crypto"
import { existsSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import type { Event, GrantId } from "../../src/core/index.ts"
import { inlineProjection, nothingServed, rowChanges } from "../../src/projection/index.ts"
import { digestOf } from "../../src/provider/index.ts"
import { formatToken } from "../../src/provider/Token.ts"
import { REDIRECT_URI, RESOURCE } from "./Target.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

const GRANTS_PER_CLIENT = 50
const GRANTS_PER_SUBJECT = 4
const FULL_COMMIT = 100
const YEAR_MILLIS = 31_536_000_000
const SAMPLED_TOKENS = 1000

export const idOf = (number: number): string => String(number).padStart(22, "0")
export const clientOf = (grant: number): string => `client${Math.floor(grant / GRANTS_PER_CLIENT)}`
export const subjectOf = (grant: number): string => `sub_${Math.floor(grant / GRANTS_PER_SUBJECT)}`

const bytesOf = (name: string): Buffer => hash("sha256", name, "buffer")

export const accessTokenOf = (grant: number, generation: number): string =>
  formatToken("access", idOf(grant) as GrantId, bytesOf(`access ${grant} ${generation}`))

/** The events of one grant, by its number and the time it was opened at. */
export type EventsOf = (grant: number, at: number) => ReadonlyArray<Event>

/** Of plain records, which the log takes as they are: decoding them would cost more than writing them. */
const events = (records: ReadonlyArray<{ readonly _tag: string }>) => records as unknown as ReadonlyArray<Event>

const opened = (grant: number, at: number) => ({
  _tag: "GrantOpened",
  grantId: idOf(grant),
  clientId: clientOf(grant),
  scopes: ["read"],
  resources: [RESOURCE],
  metadataDigest: null,
  openedAt: at,
  expiresAt: at + YEAR_MILLIS,
})

const token = (grant: number, generation: number, parent: string | null, at: number) => ({
  grantId: idOf(grant),
  generation,
  parent,
  jkt: null,
  issuedAt: at,
  expiresAt: at + YEAR_MILLIS,
})

const access = (grant: number, generation: number, parent: string | null, at: number) => ({
  _tag: "AccessTokenIssued",
  ...token(grant, generation, parent, at),
  digest: digestOf(accessTokenOf(grant, generation)),
  scopes: ["read"],
  resources: [RESOURCE],
})

/** A client's token for itself: a grant of two entries. */
export const ownToken: EventsOf = (grant, at) =>
  events([
    {
      ...opened(grant, at),
      subjectId: null,
      basis: { _tag: "ClientCredentials" },
      request: null,
      refreshable: false,
      epochs: { issuer: 0, client: 0, subject: null },
    } as { readonly _tag: string },
    access(grant, 1, null, at),
  ])

const REFRESHES = 5
const EVENTS_BEFORE_REFRESHES = 5
/** Entries of one {@link login}. */
export const EVENTS_PER_LOGIN = EVENTS_BEFORE_REFRESHES + 2 * REFRESHES

/** A login and its refreshes. */
export const login: EventsOf = (grant, at) => {
  const refreshOf = (generation: number) => digestOf(`refresh ${grant} ${generation}`)
  const code = digestOf(`code ${grant}`)
  const subjectId = subjectOf(grant)
  const rotations = Array.from({ length: REFRESHES }, (_, index) => {
    const generation = index + 2
    const parent = refreshOf(generation - 1)
    const { issuedAt: rotatedAt, ...rest } = token(grant, generation, parent, at)
    const afterVersion = EVENTS_BEFORE_REFRESHES + 2 * index
    const spent = { digest: refreshOf(generation), afterVersion, keyId: "bench", rotatedAt }
    return [{ _tag: "RefreshTokenRotated", ...rest, ...spent }, access(grant, generation, parent, at)]
  })
  const opening = {
    ...opened(grant, at),
    subjectId,
    basis: { _tag: "Auto", subjectId, approvedAt: at },
    request: {
      redirectUri: REDIRECT_URI,
      redirectUriProvidedExplicitly: true,
      codeChallenge: digestOf("challenge"),
      jkt: null,
    },
    refreshable: true,
    epochs: { issuer: 0, client: 0, subject: 0 },
  }
  const grantId = idOf(grant)
  const issued = { issuedAt: at, expiresAt: at + YEAR_MILLIS }
  const opens: ReadonlyArray<{ readonly _tag: string }> = [
    opening,
    { _tag: "AuthorizationCodeIssued", ...{ grantId, digest: code, ...issued } },
    { _tag: "AuthorizationCodeRedeemed", ...{ grantId, redeemedAt: at } },
    access(grant, 1, code, at),
    { _tag: "RefreshTokenIssued", ...token(grant, 1, code, at), ...{ digest: refreshOf(1), afterVersion: 2 } },
  ]
  return events([...opens, ...rotations.flat()])
}

const registered = (clientId: string, at: number) => ({
  _tag: "ClientRegistered",
  clientId,
  metadata: {
    client_name: clientId,
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: "none",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
  },
  secret: null,
  audience: null,
  origin: "operator",
  registeredAt: at,
})

export interface Filling {
  readonly grantCount: number
  readonly eventsOf: EventsOf
  /** The time of the first entry; each grant is opened a millisecond after the one before. */
  readonly startMillis: number
  /** The key that the log names. */
  readonly keyId: string
  /** How many appends are handed in at a time; default 100, which is a full commit. */
  readonly appendsAtOnce?: number
}

/** Fills an empty log. */
export const fillLog = async (log: ServerStore, filling: Filling): Promise<void> => {
  const { grantCount, eventsOf, startMillis, keyId, appendsAtOnce = FULL_COMMIT } = filling
  let written = 0
  const append = (stream: string, of: ReadonlyArray<Event>, at: number) => {
    const proposed = of.map((event) => {
      const id = idOf(written++)
      return { id, event, correlationId: `request ${id}`, causationId: null, actor: "bench", sealed: null }
    })
    const rows = rowChanges(nothingServed, of)
    const { description: projection } = inlineProjection
    const outcome = log.append({
      stream,
      expectedVersion: 0,
      events: proposed,
      checks: [],
      claims: [],
      rows,
      projection,
      at,
    })
    return Effect.map(outcome, (became) => {
      if (became._tag !== "Appended") throw new Error(JSON.stringify(became))
    })
  }
  const appendAll = async (count: number, one: (index: number) => Effect.Effect<void>) => {
    for (let first = 0; first < count; first += appendsAtOnce) {
      const length = Math.min(appendsAtOnce, count - first)
      const some = Array.from({ length }, (_, index) => one(first + index))
      await Effect.runPromise(Effect.all(some, { concurrency: "unbounded", discard: true }))
    }
  }
  const initialized = { _tag: "IssuerInitialized", issuer: "http://localhost", keyId, initializedAt: startMillis }
  await appendAll(1, () => append("issuer", events([initialized]), startMillis))
  await appendAll(Math.ceil(grantCount / GRANTS_PER_CLIENT), (index) => {
    const clientId = `client${index}`
    return append(`client-${clientId}`, events([registered(clientId, startMillis)]), startMillis)
  })
  await appendAll(grantCount, (grant) => {
    const at = startMillis + grant
    return append(`grant-${idOf(grant)}`, eventsOf(grant, at), at)
  })
}

const sampleIn = (folder: string): string => join(folder, "tokens.json")

/** Keeps live tokens from all over a log of `grantCount` grants, for {@link filledTokens}. */
export const keepTokens = (folder: string, grantCount: number): void => {
  const length = Math.min(SAMPLED_TOKENS, grantCount)
  const tokens = Array.from({ length }, (_, index) => accessTokenOf(Math.floor((grantCount * index) / length), 1))
  writeFileSync(sampleIn(folder), JSON.stringify(tokens))
}

/** The tokens that were kept in a folder; none where nobody kept any. */
export const filledTokens = (folder: string): ReadonlyArray<string> =>
  existsSync(sampleIn(folder)) ? (JSON.parse(readFileSync(sampleIn(folder), "utf8")) as ReadonlyArray<string>) : []
