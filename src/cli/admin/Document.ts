/**
 * The OpenAPI 3.1 document of the admin API, generated from the operations and their schemas.
 *
 * Loaded when somebody asks for it: what makes the document is no part of answering.
 */
import * as Schema from "effect/Schema"
import * as HttpApi from "effect/http-api/HttpApi"
import * as HttpApiEndpoint from "effect/http-api/HttpApiEndpoint"
import * as HttpApiGroup from "effect/http-api/HttpApiGroup"
import * as HttpApiSchema from "effect/http-api/HttpApiSchema"
import * as OpenApi from "effect/http-api/OpenApi"
import { version } from "../Version.ts"
import { groups, placesOf, type AnyOperation } from "./Operation.ts"
import { common, refusals, type RefusalName } from "./Refusals.ts"

const identifierOf = (name: string) => name.replaceAll(/(?:^|_)([a-z])/g, (_, letter: string) => letter.toUpperCase())

/** A refusal as it is answered; an OAuth error has the name that its RFC gives it. */
const refusalSchema = (name: RefusalName) => {
  const { status, when, example } = refusals[name]
  return Schema.Struct({
    error: name === "invalid_client_metadata" ? Schema.String : Schema.Literal(name),
    error_description: Schema.String.annotate({ description: "what is wrong, and what to do" }),
  })
    .annotate({
      identifier: identifierOf(name),
      description: when,
      examples: [{ error: name, error_description: example }],
    })
    .pipe(HttpApiSchema.status(status))
}

const namesFor = (one: AnyOperation): ReadonlyArray<RefusalName> => [
  ...common,
  ...one.refusals,
  ...(one.method === "POST" ? (["unsupported_media_type"] as const) : []),
]

/** Those that some operation is refused by. */
const documented: ReadonlyArray<RefusalName> = [
  ...common,
  ...(["not_found", "refused", "invalid_client_metadata", "unsupported_media_type"] as const),
]

/** The JSON Schema of a value as it is meant; in an address it is text. */
const plainSchema = (schema: AnyOperation["answer"]): unknown => Schema.toJsonSchemaDocument(schema).schema

/** Numbers and switches are told as such, and refusals by the name that all operations share. */
const refined = (one: AnyOperation) => (operation: Record<string, unknown>) => ({
  ...operation,
  ...(operation["requestBody"] === undefined
    ? {}
    : { requestBody: { ...operation["requestBody"], required: !isEmptyEnough(one) } }),
  parameters: parametersOf(operation["parameters"]).map((parameter) => {
    const { description, ...schema } = plainSchema(one.fields[parameter.name]!) as Record<string, unknown>
    return { ...parameter, description, schema }
  }),
  responses: {
    [one.status]: { ...(operation["responses"] as Record<number, object>)[one.status], headers: headersOf(one.status) },
    ...Object.fromEntries(
      namesFor(one).map((name) => [refusals[name].status, { $ref: `#/components/responses/${identifierOf(name)}` }]),
    ),
  },
  security,
})

const SECURITY = "adminCredential"
const security = [{ [SECURITY]: [] }]

/** How each refusal is answered, whatever the operation. */
const refusalResponses = () =>
  Object.fromEntries(
    documented.map((name) => {
      const { status, when, example } = refusals[name]
      const schema = { $ref: `#/components/schemas/${identifierOf(name)}` }
      const content = { "application/json": { schema, example: { error: name, error_description: example } } }
      return [identifierOf(name), { description: when, headers: headersOf(status), content }]
    }),
  )

/** Whether nothing has to be in the body. */
const isEmptyEnough = (one: AnyOperation): boolean => Schema.is(Schema.Struct(placesOf(one).body))({})

const parametersOf = (given: unknown) => given as ReadonlyArray<{ readonly name: string }>

const text = (description: string) => ({ description, schema: { type: "string" } })

const headersOf = (status: number) => ({
  "X-Request-Id": text("what the log knows as the correlation of what came of the request"),
  ...(status === 401 ? { "WWW-Authenticate": text("Bearer, with the realm of the admin API (RFC 6750)") } : {}),
  ...(status === 429 || status === 503
    ? { "Retry-After": { description: "when to come again, in seconds", schema: { type: "integer" } } }
    : {}),
})

/** One schema for each, whatever is refused: another of the same name would stand in the document beside it. */
const refusalSchemas = new Map(documented.map((name) => [name, refusalSchema(name)]))

const endpointOf = (one: AnyOperation) => {
  const { params, query, body } = placesOf(one)
  const hasBody = Object.keys(body).length > 0
  return HttpApiEndpoint.make(one.method)(one.name, one.path.replaceAll(/\{(\w+)\}/g, ":$1") as `/${string}`, {
    params,
    query,
    ...(hasBody ? { payload: Schema.Struct(body) } : {}),
    success: one.answer.pipe(HttpApiSchema.status(one.status)),
    error: namesFor(one).map((name) => refusalSchemas.get(name)!),
  }).annotateMerge(
    OpenApi.annotations({
      identifier: one.name,
      summary: one.summary,
      description: one.description,
      transform: refined(one),
    }),
  )
}

const secured = (document: Record<string, unknown>) => ({
  ...document,
  components: {
    ...(document["components"] as object),
    responses: refusalResponses(),
    securitySchemes: {
      [SECURITY]: {
        type: "http",
        scheme: "bearer",
        description: "the admin credential of the server: in its file, or in GRANTLOG_ADMIN_CREDENTIAL",
      },
    },
  },
  security,
})

/** The document, as JSON. */
export const documentOf = (operations: ReadonlyArray<AnyOperation>): string => {
  const tags = Object.entries(groups).map(([group, description]) => {
    const [first, ...rest] = operations.filter((one) => one.group === group).map(endpointOf)
    return HttpApiGroup.make(group)
      .add(first!, ...rest)
      .annotateMerge(OpenApi.annotations({ description }))
  })
  const [first, ...rest] = tags
  const api = HttpApi.make("admin")
    .add(first!, ...rest)
    .annotateMerge(
      OpenApi.annotations({
        title: "grantlog admin API",
        version: version(),
        description:
          "What the command `grantlog` does for an operator, over HTTP. An answer is what the command prints with --json. " +
          "Every change is appended to the log with the actor `operator`, under the id of its request. " +
          "An error has a name for programs and a sentence for people.",
        transform: secured,
      }),
    )
  return JSON.stringify(OpenApi.fromApi(api))
}
