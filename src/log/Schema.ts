/**
 * The schema of a store held against that of a new one: every table, index, trigger and view, to the letter.
 *
 * A trigger writes what no append wrote, a view answers in a table's place, an index sorts by another order. What does
 * not belong is named; what holds nothing is put right by a rebuild, and nothing that holds anything is dropped.
 */
export interface SchemaObject {
  readonly type: "table" | "index" | "trigger" | "view" | "rule" | "constraint"
  readonly name: string
  readonly table: string
  /** What makes it. */
  readonly sql: string
}

export interface Schema {
  /** By what names each in this kind of store. */
  readonly objects: ReadonlyMap<string, SchemaObject>
  readonly settings: Readonly<Record<string, unknown>>
}

/** What an object is instead of what it should be. */
interface SchemaDifference {
  readonly kind: "foreign" | "changed" | "missing"
  readonly object: SchemaObject
}

const isSame = (left: SchemaObject, right: SchemaObject): boolean =>
  left.sql === right.sql && left.table === right.table

const differencesOf = (found: Schema, wanted: Schema): ReadonlyArray<SchemaDifference> => [
  ...[...found.objects].flatMap(([key, object]): ReadonlyArray<SchemaDifference> => {
    const known = wanted.objects.get(key)
    if (known === undefined) return [{ kind: "foreign", object }]
    return isSame(object, known) ? [] : [{ kind: "changed", object }]
  }),
  ...[...wanted.objects].flatMap(([key, object]): ReadonlyArray<SchemaDifference> =>
    found.objects.has(key) ? [] : [{ kind: "missing", object }],
  ),
]

/** Names come from whoever wrote them: none is longer than this when it is told, or moves a cursor. */
const SHOWN_CHARACTERS = 64
export const shown = (text: string): string => text.slice(0, SHOWN_CHARACTERS).replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?")

const isDisposable = ({ object }: SchemaDifference, disposable: ReadonlySet<string>): boolean =>
  object.type !== "table" || disposable.has(object.name)

/**
 * Each in a sentence that says what to do. `place` is what they are in; `disposable` names the tables that are folded from
 * the log.
 */
export const tellSchema = (
  place: string,
  found: Schema,
  wanted: Schema,
  disposable: ReadonlySet<string>,
): ReadonlyArray<string> => [
  ...Object.entries(wanted.settings)
    .filter(([name, value]) => found.settings[name] !== value)
    .map(([name, value]) => `the ${place}'s ${name} is not ${String(value)}: restore from a backup`),
  ...differencesOf(found, wanted).map((difference) => {
    const { kind, object } = difference
    const told = { foreign: "is not grantlog's", changed: "is not as grantlog makes it", missing: "is missing" }[kind]
    const on = object.type === "table" ? "" : ` on \`${shown(object.table)}\``
    const advice = isDisposable(difference, disposable)
      ? "run grantlog rebuild"
      : kind === "foreign"
        ? `take it out of the ${place}`
        : "restore from a backup"
    return `the ${object.type} \`${shown(object.name)}\`${on} ${told}: ${advice}`
  }),
]

/** Triggers first, for they could write while others are put right. */
const ORDER: ReadonlyArray<SchemaObject["type"]> = ["trigger", "rule", "view", "constraint", "index", "table"]

const inOrder = (objects: ReadonlyArray<SchemaObject>, order = ORDER): ReadonlyArray<SchemaObject> =>
  objects.toSorted((left, right) => order.indexOf(left.type) - order.indexOf(right.type))

/** What is to be dropped, in that order, of what holds nothing of its own. */
export const unwantedIn = (
  found: Schema,
  wanted: Schema,
  disposable: ReadonlySet<string>,
): ReadonlyArray<SchemaObject> =>
  inOrder(
    differencesOf(found, wanted)
      .filter((one) => one.kind !== "missing" && isDisposable(one, disposable))
      .map(({ object }) => object),
  )

/** What is to be made then, in that order. A table takes its indexes and triggers with it: they are looked for again. */
export const missingIn = (found: Schema, wanted: Schema): ReadonlyArray<SchemaObject> =>
  inOrder(
    differencesOf(found, wanted)
      .filter(({ kind }) => kind === "missing")
      .map(({ object }) => object),
    ORDER.toReversed(),
  )
