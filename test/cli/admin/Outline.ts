/**
 * An OpenAPI document in few words: who reads its outline sees what may be sent and what comes back, and no prose.
 *
 * A `#` behind a name says that the document has words for it; `?` that it may be left out.
 */
export interface JsonSchema {
  readonly $ref?: string
  readonly type?: string
  readonly enum?: ReadonlyArray<unknown>
  readonly anyOf?: ReadonlyArray<JsonSchema>
  readonly items?: JsonSchema
  readonly properties?: Readonly<Record<string, JsonSchema>>
  readonly required?: ReadonlyArray<string>
  readonly additionalProperties?: boolean | JsonSchema
  readonly description?: string
  readonly format?: string
  readonly pattern?: string
  readonly minimum?: number
  readonly maximum?: number
  readonly minLength?: number
  readonly maxLength?: number
  readonly maxItems?: number
  readonly examples?: ReadonlyArray<unknown>
}

interface Parameter {
  readonly name: string
  readonly in: string
  readonly required: boolean
  readonly description?: string
  readonly schema: JsonSchema
}

interface Content {
  readonly "application/json": {
    readonly schema: JsonSchema
    readonly example?: { readonly error_description: string }
  }
}

export interface Response {
  readonly $ref?: string
  readonly description?: string
  readonly headers?: Readonly<Record<string, { readonly description: string; readonly schema: JsonSchema }>>
  readonly content?: Content
}

export interface Operation {
  readonly operationId: string
  readonly tags: ReadonlyArray<string>
  readonly summary?: string
  readonly description?: string
  readonly parameters: ReadonlyArray<Parameter>
  readonly requestBody?: { readonly required: boolean; readonly content: Content }
  readonly responses: Readonly<Record<string, Response>>
}

const lastOf = (ref: string): string => ref.slice(ref.lastIndexOf("/") + 1)

/** A name, with what the document says of it besides. */
export const named = (
  name: string,
  isRequired: boolean,
  { description = "" }: { readonly description?: string },
): string => name + (isRequired ? "" : "?") + (description === "" ? "" : "#")

const between = (least: number | undefined, most: number | undefined): string =>
  least === undefined && most === undefined ? "" : `(${least ?? ""}..${most ?? ""})`

const isSafe = ({ minimum, maximum }: JsonSchema): boolean =>
  minimum === Number.MIN_SAFE_INTEGER && maximum === Number.MAX_SAFE_INTEGER

/** What a schema takes, in the manner of a type. */
export const typeOf = (schema: JsonSchema): string => {
  const { $ref, anyOf, items, properties, additionalProperties, required = [] } = schema
  if ($ref !== undefined) return lastOf($ref)
  if (anyOf !== undefined) return anyOf.map(typeOf).join(" | ")
  if (schema.enum !== undefined) return schema.enum.map((one) => JSON.stringify(one)).join(" | ")
  if (items !== undefined) return `[${typeOf(items)}]${between(undefined, schema.maxItems)}`
  if (properties !== undefined)
    return `{ ${Object.entries(properties)
      .map(([name, one]) => `${named(name, required.includes(name), one)}: ${typeOf(one)}`)
      .join(", ")} }`
  if (typeof additionalProperties === "object") return `{ *: ${typeOf(additionalProperties)} }`
  if (schema.type === "string")
    return (schema.format ?? schema.pattern ?? "string") + between(schema.minLength, schema.maxLength)
  return (schema.type ?? "any") + (isSafe(schema) ? "" : between(schema.minimum, schema.maximum))
}

/** An operation in a line, without the refusals that are usual, and one more line for each of what it takes. */
export const outlineOf = (
  path: string,
  method: string,
  one: Operation,
  usual: ReadonlySet<string>,
): ReadonlyArray<string> => {
  const answers = Object.entries(one.responses)
    .filter(([status]) => !usual.has(status))
    .map(([status, { $ref, content }]) =>
      $ref === undefined ? `${status} ${typeOf(content!["application/json"].schema)}` : `${status} ${lastOf($ref)}`,
    )
  const { requestBody } = one
  return [
    `${one.tags.join()}: ${named(one.operationId, true, one)} ${method.toUpperCase()} ${path} -> ${answers.join(", ")}`,
    ...one.parameters.map(
      ({ name, in: where, required, ...told }) => `  ${where} ${named(name, required, told)}: ${typeOf(told.schema)}`,
    ),
    ...(requestBody === undefined
      ? []
      : [`  ${named("body", requestBody.required, {})} ${typeOf(requestBody.content["application/json"].schema)}`]),
  ]
}
