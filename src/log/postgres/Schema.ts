/**
 * Compares the schema in a database with that of a new one, which is made of temporary tables and rolled back, and repairs
 * it by that.
 *
 * Only tables of this version are compared: what a newer version of grantlog has added is not foreign.
 */
import type { InlineProjection } from "../Rows.ts"
import { missingIn, tellSchema, unwantedIn, type Schema, type SchemaObject } from "../Schema.ts"
import type { Session } from "./Connections.ts"
import { createTable } from "./Definition.ts"
import { migrations, VERSION } from "./Migrations.ts"

const TEMPORARY = "pg_temp"

/** A table as a statement would make it; what no table of ours has stands behind. */
const TABLE = `
  format('CREATE TABLE %I (%s)', c.relname, (
    SELECT string_agg(concat(quote_ident(a.attname), ' ', format_type(a.atttypid, a.atttypmod),
      (SELECT ' COLLATE ' || quote_ident(l.collname) FROM pg_collation l JOIN pg_type t ON t.oid = a.atttypid
        WHERE l.oid = a.attcollation AND a.attcollation <> t.typcollation),
      CASE WHEN a.attnotnull THEN ' NOT NULL' END,
      (SELECT ' DEFAULT ' || pg_get_expr(d.adbin, d.adrelid) FROM pg_attrdef d
        WHERE d.adrelid = a.attrelid AND d.adnum = a.attnum),
      ' ' || nullif(concat(a.attgenerated, a.attidentity), '')), ', ' ORDER BY a.attnum)
    FROM pg_attribute a WHERE a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped))
  || coalesce(' WITH (' || array_to_string(c.reloptions, ', ') || ')', '')
  || CASE WHEN c.relrowsecurity THEN ' with row level security' ELSE '' END
  || CASE WHEN EXISTS (SELECT 1 FROM pg_inherits h WHERE c.oid IN (h.inhparent, h.inhrelid)) THEN ' inherited' ELSE '' END`

/** What a statement made in the schema of that name, told without the name. */
const listing = (namespace: string) => `
  SELECT 'table' AS type, c.relname::text AS name, c.relname::text AS "table", ${TABLE} AS sql
    FROM pg_class c WHERE c.relnamespace = ${namespace} AND c.relkind IN ('r', 'p', 'f', 'm')
  UNION ALL SELECT 'view', c.relname, c.relname, pg_get_viewdef(c.oid)
    FROM pg_class c WHERE c.relnamespace = ${namespace} AND c.relkind = 'v'
  UNION ALL SELECT 'index', i.relname, c.relname, concat(coalesce(
      (SELECT format('ALTER TABLE %I ADD CONSTRAINT %I %s', c.relname, k.conname, pg_get_constraintdef(k.oid))
        FROM pg_constraint k WHERE k.conindid = x.indexrelid AND k.conrelid = c.oid),
      replace(pg_get_indexdef(x.indexrelid), format(' ON %s.', CASE c.relpersistence WHEN 't' THEN 'pg_temp' ELSE quote_ident(s.nspname) END), ' ON ')),
      CASE WHEN NOT x.indisvalid THEN ' invalid' END)
    FROM pg_index x JOIN pg_class i ON i.oid = x.indexrelid JOIN pg_class c ON c.oid = x.indrelid
    JOIN pg_namespace s ON s.oid = c.relnamespace WHERE s.oid = ${namespace}
  UNION ALL SELECT 'trigger', t.tgname, c.relname, pg_get_triggerdef(t.oid)
    FROM pg_trigger t JOIN pg_class c ON c.oid = t.tgrelid WHERE c.relnamespace = ${namespace} AND NOT t.tgisinternal
  UNION ALL SELECT 'rule', r.rulename, c.relname, pg_get_ruledef(r.oid)
    FROM pg_rewrite r JOIN pg_class c ON c.oid = r.ev_class
    WHERE c.relnamespace = ${namespace} AND r.rulename <> '_RETURN'
  UNION ALL SELECT 'constraint', k.conname, c.relname, pg_get_constraintdef(k.oid)
    FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
    WHERE c.relnamespace = ${namespace} AND k.contype IN ('c', 'f')`

const schemaIn = async ({ run }: Session, namespace: string): Promise<Schema> => {
  const objects = (await run(listing(namespace))) as unknown as ReadonlyArray<SchemaObject>
  return { objects: new Map(objects.map((one) => [`${one.type} ${one.table} ${one.name}`, one])), settings: {} }
}

/** Leaves the transaction as it was. */
const newSchema = async (session: Session, projection: InlineProjection): Promise<Schema> => {
  const made = [
    ...migrations.map(({ sql }) => sql(TEMPORARY)),
    ...projection.tables.map((table) => createTable(TEMPORARY, table)),
  ]
  await session.script(`SAVEPOINT made; ${made.join("\n")}`)
  const wanted = await schemaIn(session, "pg_my_temp_schema()")
  await session.script("ROLLBACK TO SAVEPOINT made")
  return wanted
}

const quoted = (name: string): string => `"${name.replaceAll('"', '""')}"`

const dropping = ({ type, name, table, sql }: SchemaObject): string => {
  if (type === "constraint" || sql.startsWith("ALTER TABLE")) {
    return `ALTER TABLE IF EXISTS ${quoted(table)} DROP CONSTRAINT IF EXISTS ${quoted(name)}`
  }
  const on = type === "trigger" || type === "rule" ? ` ON ${quoted(table)}` : ""
  return `DROP ${type} IF EXISTS ${quoted(name)}${on}`
}

export interface SchemaJudging {
  /** The names of the tables that are folded from the log. */
  readonly disposable: ReadonlySet<string>
  /** Whether tables and indexes that can be made again are repaired. */
  readonly isRepaired: boolean
}

/** Says in sentences what is wrong; runs within a transaction of the caller. */
export const judgeSchema = async (
  session: Session,
  schema: string,
  projection: InlineProjection,
  { disposable, isRepaired }: SchemaJudging,
): Promise<ReadonlyArray<string>> => {
  const [head] = await session.run(`SELECT schema FROM ${schema}.head`)
  if (Number(head?.["schema"]) !== VERSION) return []
  const wanted = await newSchema(session, projection)
  const find = () => schemaIn(session, `'${schema}'::regnamespace`)
  const found = await find()
  const faults = tellSchema("schema", found, wanted, disposable)
  if (!isRepaired || faults.length === 0) return faults
  await session.script(`SET LOCAL search_path = ${schema}`)
  for (const object of unwantedIn(found, wanted, disposable)) await session.script(dropping(object))
  for (const { sql } of missingIn(await find(), wanted)) await session.script(sql)
  return faults
}
