/**
 * An operation: something that an operator asks of a server, as a value. What the command does with it, the endpoint of the
 * admin API and its page of the OpenAPI document are all made of that one value.
 *
 * What is asked and what is answered are the same as JSON and in the program, so that the command prints the same whether
 * it opened the store itself or asked a server that has it open.
 */
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import type { OperationFault, Place } from "./Place.ts"

export const groups = {
  clients: "Clients and resource servers",
  grants: "Grants: what was approved, and what came of it",
  accounts: "Accounts that can sign in",
  subjects: "Whom accounts and grants belong to, by an id that is no name",
  audit: "Questions to the log",
} as const

/** A refusal that depends on the operation, besides those that every request may meet. */
export type Refusal = "not_found" | "refused" | "invalid_client_metadata"

export interface Described {
  /** The name of the operation, in the document and to whoever generates a client. */
  readonly name: string
  readonly group: keyof typeof groups
  readonly method: "GET" | "POST" | "DELETE"
  /** What is in braces is a member of what is asked. */
  readonly path: `/admin/${string}`
  /** What it does, in a line. */
  readonly summary: string
  /** What there is to know besides. */
  readonly description: string
  /** The status of an answer. */
  readonly status: 200 | 201
  readonly refusals: ReadonlyArray<Refusal>
}

export interface Operation<Asked, Answer> extends Described {
  readonly answer: Schema.Codec<Answer, unknown>
  readonly run: (place: Place, asked: Asked) => Effect.Effect<Answer, OperationFault>
}

/** An operation whatever it is about, as an endpoint has it. */
export interface AnyOperation extends Described {
  /** Everything that is asked, by name: in the path, and else in the query, or in the body of a POST. */
  readonly fields: Plain
  readonly answer: Schema.Top
  /** Reads what is asked, and does it; fails with a schema's fault for what cannot be read. */
  readonly carryOut: (place: Place, asked: unknown) => Effect.Effect<unknown, OperationFault | Schema.SchemaError>
}

export const operation = <const Fields extends Plain, Answer>({
  fields,
  run,
  ...described
}: Described & {
  readonly fields: Fields
  readonly answer: Schema.Codec<Answer, unknown>
  readonly run: (place: Place, asked: Schema.Struct<Fields>["Type"]) => Effect.Effect<Answer, OperationFault>
}): Operation<Schema.Struct<Fields>["Type"], Answer> & AnyOperation => {
  const read = Schema.decodeUnknownEffect(Schema.Struct(fields), { onExcessProperty: "error" })
  return {
    ...described,
    fields,
    run,
    carryOut: (place, asked) => Effect.flatMap(read(asked), (one) => run(place, one)),
  }
}

/** Fields that are the same as JSON and in the program, and need nothing to be read. */
type Plain = Readonly<Record<string, Schema.Codec<unknown, unknown>>>

/** The names in braces of a path, in their order. */
export const namesInPath = (path: string): ReadonlyArray<string> =>
  [...path.matchAll(/\{(\w+)\}/g)].map(([, name]) => name!)

/** The fields of which something is true by their names. */
const fieldsWhere = ({ fields }: Pick<AnyOperation, "fields">, isMeant: (name: string) => boolean): Plain =>
  Object.fromEntries(Object.entries(fields).filter(([name]) => isMeant(name)))

/** Where each of what is asked stands in a request. */
export const placesOf = (one: Pick<AnyOperation, "method" | "path" | "fields">) => {
  const inPath = namesInPath(one.path)
  const rest = fieldsWhere(one, (name) => !inPath.includes(name))
  return {
    params: fieldsWhere(one, (name) => inPath.includes(name)),
    query: one.method === "POST" ? {} : rest,
    body: one.method === "POST" ? rest : {},
  }
}
