/**
 * The schema in a database, the migrations from every earlier one, and the tables of the projection as described.
 *
 * Migrations only go forward, and one instance runs them at a time. A migration that lets instances of the version before
 * go on writing leaves `needs` as it is; after any other, every append of theirs is refused until they are upgraded. The
 * tables of the projection are disposable: when their description changes, they are made anew and folded again.
 */
import { StoreFault } from "../EventLog.ts"
import type { InlineProjection, Row, Table } from "../Rows.ts"
import { describedTable, PROJECTION } from "../sql/Described.ts"
import { inserted } from "./Changes.ts"
import type { Connections, Found, Session } from "./Connections.ts"
import { createTable } from "./Definition.ts"
import type { DriverError } from "./Fault.ts"

interface Migration {
  readonly sql: (schema: string) => string
  /** Whether instances of the version before can go on writing. */
  readonly isAdditive: boolean
}

/** The collation by which text is compared everywhere. */
const TEXT = 'text COLLATE "C"'

export const migrations: ReadonlyArray<Migration> = [
  {
    isAdditive: false,
    sql: (schema) => `
      CREATE TABLE ${schema}.head (name ${TEXT} PRIMARY KEY, size bigint NOT NULL, recorded_at bigint NOT NULL, schema bigint NOT NULL, needs bigint NOT NULL) WITH (fillfactor = 10);
      INSERT INTO ${schema}.head VALUES ('head', 0, 0, 0, 0);
      CREATE TABLE ${schema}.entries (position bigint PRIMARY KEY, stream ${TEXT} NOT NULL, version bigint NOT NULL, recorded_at bigint NOT NULL, bytes ${TEXT} NOT NULL, leaf bytea NOT NULL, UNIQUE (stream, version));
      CREATE TABLE ${schema}.claims (key ${TEXT} PRIMARY KEY, until bigint NOT NULL);
      CREATE INDEX claims_by_until ON ${schema}.claims (until);
      CREATE TABLE ${schema}.projections (name ${TEXT} PRIMARY KEY, definition ${TEXT} NOT NULL);
      CREATE TABLE ${schema}.issued (digest ${TEXT} PRIMARY KEY, position bigint);
      CREATE TABLE ${schema}.pruned (name ${TEXT} PRIMARY KEY, died_at bigint, id ${TEXT});
      CREATE TABLE ${schema}.subtrees (level bigint, place bigint, hash bytea, PRIMARY KEY (level, place));
      CREATE TABLE ${schema}.accounts (name ${TEXT} PRIMARY KEY, subject_id ${TEXT}, password_hash ${TEXT}, created_at bigint, display_name ${TEXT});
      CREATE INDEX accounts_by_subject_id ON ${schema}.accounts (subject_id);
      CREATE TABLE ${schema}.sessions (digest ${TEXT} PRIMARY KEY, subject_id ${TEXT}, authenticated_at bigint, seen_at bigint, expires_at bigint);
      CREATE INDEX sessions_by_subject_id ON ${schema}.sessions (subject_id);
      CREATE INDEX sessions_by_expires_at ON ${schema}.sessions (expires_at NULLS FIRST, digest);
      CREATE TABLE ${schema}.retry_secrets (period bigint, kind ${TEXT}, secret ${TEXT}, ends_at bigint, PRIMARY KEY (period, kind));
      CREATE INDEX retry_secrets_by_ends_at_period_kind ON ${schema}.retry_secrets (ends_at NULLS FIRST, period, kind);`,
  },
  {
    isAdditive: true,
    sql: (schema) => `
      CREATE TABLE ${schema}.device_requests (user_code ${TEXT} PRIMARY KEY, grant_id ${TEXT}, encrypted ${TEXT}, expires_at bigint);
      CREATE INDEX device_requests_by_grant_id ON ${schema}.device_requests (grant_id);
      CREATE INDEX device_requests_by_expires_at ON ${schema}.device_requests (expires_at NULLS FIRST, user_code);`,
  },
  { isAdditive: true, sql: (schema) => `ALTER TABLE ${schema}.sessions ADD COLUMN login ${TEXT};` },
  {
    isAdditive: true,
    sql: (schema) => `
      CREATE TABLE ${schema}.passkeys (credential_id ${TEXT} PRIMARY KEY, subject_id ${TEXT}, name ${TEXT}, public_key ${TEXT}, sign_count bigint, transports ${TEXT}, is_synced bigint, created_at bigint, used_at bigint, went_back_at bigint);
      CREATE INDEX passkeys_by_subject_id ON ${schema}.passkeys (subject_id);`,
  },
  {
    // Earlier instances are refused from the first archive on (`Archivist.ts`).
    isAdditive: true,
    sql: (schema) => `
      CREATE TABLE ${schema}.archives (number bigint PRIMARY KEY, statement ${TEXT}, file ${TEXT}, is_whole bigint);
      CREATE TABLE ${schema}.archived_streams (stream ${TEXT} PRIMARY KEY, version bigint, archive bigint, died_at bigint, client_id ${TEXT}, key_ids ${TEXT});
      CREATE INDEX archived_streams_by_archive_stream ON ${schema}.archived_streams (archive NULLS FIRST, stream);`,
  },
  {
    isAdditive: true,
    sql: (schema) =>
      `CREATE TABLE ${schema}.bookmarks (reader ${TEXT} PRIMARY KEY, position bigint, holder ${TEXT}, held_until bigint);`,
  },
]

/** The version of the schema that this version of grantlog writes. */
export const VERSION: number = migrations.length

/** The rows that record what the tables of the projection were made from. */
export const descriptionsOf = (schema: string, { description, tables }: InlineProjection): ReadonlyArray<Row> => [
  { name: PROJECTION, definition: description },
  ...tables.map((table) => ({ name: table.name, definition: createTable(schema, table) })),
]

interface Standing {
  readonly version: number
  readonly needs: number
  readonly isDescribed: boolean
}

const standingFrom = ([row]: Found, wanted: ReadonlyArray<Row>): Standing => {
  const described = (row?.["described"] ?? []) as ReadonlyArray<Row>
  const known = new Map(described.map(({ name, definition }) => [name, definition]))
  return {
    version: Number(row?.["schema"] ?? 0),
    needs: Number(row?.["needs"] ?? 0),
    isDescribed: wanted.every(({ name, definition }) => known.get(name!) === definition),
  }
}

const standingSql = (schema: string) =>
  `SELECT schema, needs, (SELECT json_agg(p) FROM ${schema}.projections p) AS described FROM ${schema}.head`

const isAbsent = (cause: unknown): boolean => ["42P01", "3F000"].includes((cause as DriverError).code ?? "")

const requireKnown = ({ needs }: Standing): void => {
  if (needs <= VERSION) return
  const message = `the database has tables for grantlog's schema ${needs}, this grantlog knows ${VERSION}: upgrade grantlog`
  throw new StoreFault({ reason: "newer", message })
}

/** Migrates a database to this version; `fold` fills the tables of the projection if they were made anew. */
export const prepare = async (
  connections: Connections,
  schema: string,
  projection: InlineProjection,
  fold: (session: Session) => Promise<void>,
): Promise<void> => {
  const wanted = descriptionsOf(schema, projection)
  const standing = await connections.read(standingSql(schema), []).then(
    (found) => standingFrom(found, wanted),
    (cause: unknown) => {
      if (isAbsent(cause)) return undefined
      throw cause
    },
  )
  if (standing !== undefined) {
    requireKnown(standing)
    if (standing.version >= VERSION && standing.isDescribed) return
  }
  await connections.write((session) => inTurn(session, schema, () => bring(session, schema, projection, wanted, fold)))
}

/** Takes the lock that lets one instance migrate at a time. */
const inTurn = async (session: Session, schema: string, body: () => Promise<void>): Promise<void> => {
  try {
    await session.script(
      `BEGIN ISOLATION LEVEL READ COMMITTED; SELECT pg_advisory_xact_lock(hashtext('grantlog ${schema}'))`,
    )
    await body()
    await session.script("COMMIT;")
  } catch (cause) {
    await session.script("ROLLBACK;").catch(() => {})
    throw cause
  }
}

const bring = async (
  session: Session,
  schema: string,
  projection: InlineProjection,
  wanted: ReadonlyArray<Row>,
  fold: (session: Session) => Promise<void>,
): Promise<void> => {
  const [place] = await session.run(
    `SELECT to_regnamespace($1) IS NOT NULL AS "isThere", to_regclass($1 || '.head') IS NOT NULL AS "isOurs",
      EXISTS (SELECT 1 FROM pg_class WHERE relnamespace = to_regnamespace($1)) AS "isUsed"`,
    [schema],
  )
  if (place?.["isThere"] !== true) await session.script(`CREATE SCHEMA ${schema}; SELECT 1`)
  if (place?.["isOurs"] !== true && place?.["isUsed"] === true) {
    const message = `the schema \`${schema}\` of the database holds tables of another program: name another database`
    throw new StoreFault({ reason: "not-a-log", message })
  }
  const before =
    place?.["isOurs"] === true
      ? standingFrom(await session.run(`${standingSql(schema)} FOR UPDATE`), wanted)
      : { version: 0, needs: 0, isDescribed: false }
  requireKnown(before)
  const steps = migrations.slice(before.version)
  for (const { sql } of steps) await session.script(`${sql(schema)} SELECT 1`)
  if (steps.length > 0) {
    const needs = migrations.findLastIndex(({ isAdditive }) => !isAdditive) + 1
    await session.script(`UPDATE ${schema}.head SET schema = ${VERSION}, needs = ${needs}; SELECT 1`)
  }
  if (before.isDescribed) return
  const made = projection.tables.map(
    (table: Table) => `DROP TABLE IF EXISTS ${schema}.${table.name}; ${createTable(schema, table)}`,
  )
  await session.script(`DELETE FROM ${schema}.projections; ${made.join("\n")} SELECT 1`)
  const { sql, values } = inserted(schema, describedTable, wanted)
  await session.run(sql, values)
  await fold(session)
}
