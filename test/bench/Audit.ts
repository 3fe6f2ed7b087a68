/**
 * `node test/bench/Audit.ts [entries …]`: what a question costs of a log of 10 thousand entries, and of a million.
 *
 * Clients and subjects grow with the log, what one of them did does not: so the figures of one row should be alike.
 * Nothing passes or fails here.
 */
import { hash } from "node:crypto"
import { mkdtempSync, rmSync, statSync } from "node:fs"
import { tmpdir } from "node:os"
import { join } from "node:path"
import { Effect } from "effect"
import {
  blastRadius,
  explain,
  historyPage,
  momentAtTime,
  momentNow,
  openAuditIndex,
  questionOf,
  type Audit,
} from "../../src/audit/index.ts"
import type { Event } from "../../src/core/index.ts"
import { sqliteStore } from "../../src/provider/index.ts"

const run = Effect.runPromise
const START_MILLIS = 1_893_456_000_000
const REFRESHES = 5
const EVENTS_PER_GRANT = 5 + 2 * REFRESHES
const GRANTS_PER_CLIENT = 50
const GRANTS_PER_SUBJECT = 4
const BATCH = 100
const TRIES = 15
const YEAR_MILLIS = 31_536_000_000

const digest = (name: string): string => hash("sha256", name, "base64url")
const idOf = (number: number): string => String(number).padStart(22, "0")
const clientOf = (grant: number): string => `client${Math.floor(grant / GRANTS_PER_CLIENT)}`
const subjectOf = (grant: number): string => `sub_${Math.floor(grant / GRANTS_PER_SUBJECT)}`

/** One login and its refreshes, as the machine would have written them. */
const eventsOf = (grant: number, at: number): ReadonlyArray<Event> => {
  const grantId = idOf(grant)
  const [issuedAt, expiresAt] = [at, at + YEAR_MILLIS]
  const token = (generation: number, parent: string) => ({
    grantId,
    generation,
    parent,
    jkt: null,
    issuedAt,
    expiresAt,
  })
  const access = (generation: number, parent: string) => ({
    _tag: "AccessTokenIssued",
    ...token(generation, parent),
    digest: digest(`access ${grant} ${generation}`),
    scopes: ["read"],
    resources: [],
  })
  const refreshOf = (generation: number) => digest(`refresh ${grant} ${generation}`)
  const code = digest(`code ${grant}`)
  const rotations = Array.from({ length: REFRESHES }, (_, index) => {
    const generation = index + 2
    const parent = refreshOf(generation - 1)
    const { issuedAt: rotatedAt, ...rest } = token(generation, parent)
    return [
      {
        _tag: "RefreshTokenRotated",
        ...rest,
        digest: refreshOf(generation),
        keyId: "bench",
        salt: "0123456789012345678901",
        rotatedAt,
      },
      access(generation, parent),
    ]
  })
  const subjectId = subjectOf(grant)
  const opened = {
    _tag: "GrantOpened",
    grantId,
    clientId: clientOf(grant),
    subjectId,
    basis: { _tag: "Auto", subjectId, approvedAt: at },
    request: {
      redirectUri: "http://127.0.0.1:8123/callback",
      redirectUriProvidedExplicitly: true,
      codeChallenge: digest("challenge"),
      jkt: null,
    },
    scopes: ["read"],
    resources: [],
    refreshable: true,
    metadataDigest: null,
    epochs: { issuer: 0, client: 0, subject: 0 },
    openedAt: at,
    expiresAt,
  }
  return [
    opened,
    { _tag: "AuthorizationCodeIssued", grantId, digest: code, issuedAt, expiresAt },
    { _tag: "AuthorizationCodeRedeemed", grantId, redeemedAt: at },
    access(1, code),
    { _tag: "RefreshTokenIssued", ...token(1, code), digest: refreshOf(1) },
    ...rotations.flat(),
  ] as unknown as ReadonlyArray<Event>
}

const standingEvents = (clientCount: number): ReadonlyArray<readonly [string, Event]> => {
  const initialized = {
    _tag: "IssuerInitialized",
    issuer: "http://localhost",
    keyId: "bench",
    initializedAt: START_MILLIS,
  }
  const registered = (clientId: string) => ({
    _tag: "ClientRegistered",
    clientId,
    metadata: {
      client_name: clientId,
      redirect_uris: ["http://127.0.0.1:8123/callback"],
      token_endpoint_auth_method: "none",
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
    },
    secret: null,
    audience: null,
    origin: "operator",
    registeredAt: START_MILLIS,
  })
  return [
    ["issuer", initialized as unknown as Event],
    ...Array.from({ length: clientCount }, (_, index): readonly [string, Event] => [
      `client-client${index}`,
      registered(`client${index}`) as unknown as Event,
    ]),
  ]
}

/** Writes a log of about `size` entries; gives how many grants it has. */
const writeLog = async (file: string, size: number): Promise<number> => {
  const log = sqliteStore(file)
  const grantCount = Math.ceil(size / EVENTS_PER_GRANT)
  let written = 0
  const append = (stream: string, events: ReadonlyArray<Event>, at: number) =>
    Effect.map(
      log.append({
        stream,
        expectedVersion: 0,
        events: events.map((event) => {
          const id = idOf(written++)
          return { id, event, correlationId: `request ${id}`, causationId: null, actor: "bench", sealed: null }
        }),
        checks: [],
        claims: [],
        at,
      }),
      (outcome) => {
        if (outcome._tag !== "Appended") throw new Error(JSON.stringify(outcome))
      },
    )
  for (const [stream, event] of standingEvents(Math.ceil(grantCount / GRANTS_PER_CLIENT))) {
    await run(append(stream, [event], START_MILLIS))
  }
  for (let grant = 0; grant < grantCount; grant += BATCH) {
    const some = Array.from({ length: Math.min(BATCH, grantCount - grant) }, (_, index) => grant + index)
    const appends = some.map((one) =>
      append(`grant-${idOf(one)}`, eventsOf(one, START_MILLIS + one), START_MILLIS + one),
    )
    await run(Effect.all(appends, { concurrency: "unbounded" }))
  }
  await run(log.close)
  return grantCount
}

const median = (values: ReadonlyArray<number>): number => values.toSorted((a, b) => a - b)[values.length >> 1]!

/** Milliseconds of one call, the median of some. */
const millisOf = async (body: (attempt: number) => Effect.Effect<unknown, unknown>): Promise<number> => {
  const times: Array<number> = []
  for (let attempt = 0; attempt < TRIES; attempt++) {
    const started = performance.now()
    await run(body(attempt))
    times.push(performance.now() - started)
  }
  return median(times)
}

const questions = async (audit: Audit, grantCount: number): Promise<Readonly<Record<string, number>>> => {
  const now = await run(momentNow(audit.log, START_MILLIS + grantCount))
  /** Grants from all over the log, another one each time. */
  const pick = (attempt: number) => Math.floor((grantCount * (attempt + 0.5)) / TRIES)
  const asked = (id: string) => explain(audit, questionOf(id), now)
  const page = { from: 0, to: now.size, limit: 100 }
  const radius = (id: string) => blastRadius(audit, { question: questionOf(id), limit: 100 }, now)
  return {
    "explain a token": await millisOf((attempt) => asked(digest(`access ${pick(attempt)} 3`))),
    "explain a client": await millisOf((attempt) => asked(clientOf(pick(attempt)))),
    "explain what is not ours": await millisOf((attempt) => asked(digest(`nothing ${attempt}`))),
    "a moment, by its time": await millisOf((attempt) => momentAtTime(audit.log, START_MILLIS + pick(attempt))),
    "history of a grant": await millisOf((attempt) => historyPage(audit, { ...page, grantId: idOf(pick(attempt)) })),
    "history of a client, 100 entries": await millisOf((attempt) =>
      historyPage(audit, { ...page, clientId: clientOf(pick(attempt)) }),
    ),
    "history of a type, 100 entries": await millisOf(() =>
      historyPage(audit, { ...page, type: "RefreshTokenRotated" }),
    ),
    "blast radius of a client": await millisOf((attempt) => radius(clientOf(pick(attempt)))),
    "blast radius of a subject": await millisOf((attempt) => radius(subjectOf(pick(attempt)))),
    "index that is up to date": await millisOf(() => audit.index.catchUp()),
  }
}

interface Measured {
  readonly size: number
  readonly entriesPerSecond: number
  readonly indexBytesPerEntry: number
  readonly millis: Readonly<Record<string, number>>
}

const measure = async (size: number): Promise<Measured> => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-bench-"))
  try {
    const file = join(folder, "grantlog.db")
    const grantCount = await writeLog(file, size)
    const log = sqliteStore(file)
    const index = openAuditIndex(log, `${file}.audit`)
    const started = performance.now()
    const entryCount = await run(index.catchUp())
    const seconds = (performance.now() - started) / 1000
    const millis = await questions({ log, index }, grantCount)
    await run(index.close)
    await run(log.close)
    const indexBytesPerEntry = statSync(`${file}.audit`).size / entryCount
    return { size: entryCount, entriesPerSecond: entryCount / seconds, indexBytesPerEntry, millis }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** A table of Markdown: milliseconds a question, a column a size. */
export const measureAudit = async (sizes: ReadonlyArray<number>): Promise<string> => {
  const measured: Array<Measured> = []
  for (const size of sizes) measured.push(await measure(size))
  const cells = (name: string, of: (one: Measured) => string) => `| ${name} | ${measured.map(of).join(" | ")} |`
  const names = Object.keys(measured[0]?.millis ?? {})
  return [
    cells("a question, in ms", ({ size }) => `${size} entries`),
    `| --- |${" ---: |".repeat(measured.length)}`,
    ...names.map((name) => cells(name, ({ millis }) => millis[name]!.toFixed(2))),
    cells("making the index, entries/s", ({ entriesPerSecond }) => String(Math.round(entriesPerSecond))),
    cells("the index, bytes/entry", ({ indexBytesPerEntry }) => String(Math.round(indexBytesPerEntry))),
  ].join("\n")
}

if (import.meta.main) {
  const sizes = process.argv.slice(2).map(Number)
  console.log(await measureAudit(sizes.length > 0 ? sizes : [10_000, 1_000_000]))
}
