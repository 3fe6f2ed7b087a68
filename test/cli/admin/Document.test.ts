/**
 * What the admin API's own document says, as an outline: whoever changes what is sent or answered changes it here as well.
 *
 * That the document is OpenAPI, and that the server does as it says, is tried in `AdminApi.test.ts`.
 */
import { Effect, Schema } from "effect"
import { expect, it } from "vitest"
import { documentOf } from "../../../src/cli/admin/Document.ts"
import { operations } from "../../../src/cli/admin/operations/index.ts"
import { version } from "../../../src/cli/Version.ts"
import { ClientMetadata, EpochMillis, eventTypes } from "../../../src/core/index.ts"
import { AccountName } from "../../../src/provider/index.ts"
import { serverOver } from "../../support/TestServer.ts"
import { named, outlineOf, typeOf, type JsonSchema, type Operation, type Response } from "./Outline.ts"

const document = JSON.parse(documentOf(operations)) as {
  readonly info: object
  readonly tags: object
  readonly security: object
  readonly paths: Readonly<Record<string, Readonly<Record<string, Operation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly responses: Readonly<Record<string, Response>>
    readonly securitySchemes: object
  }
}

const operationsOfDocument = Object.entries(document.paths).flatMap(([path, methods]) =>
  Object.entries(methods).map(([method, one]) => ({ path, method, one })),
)

const jsonSchemaOf = (schema: Schema.Top) => Schema.toJsonSchemaDocument(schema).schema as JsonSchema

/** What every request may be refused by, whatever it asks for. */
const USUAL = {
  400: "InvalidRequest",
  401: "Unauthorized",
  403: "Forbidden",
  413: "TooLarge",
  421: "MisdirectedRequest",
  429: "TooManyRequests",
  500: "ServerError",
  503: "TemporarilyUnavailable",
}

const words = { description: expect.stringMatching(/./) as string }

const OPERATIONS = String.raw`
clients: listClients# GET /admin/clients -> 200 ClientList
  query reverse?#: boolean
  query before?#: string
  query after?#: string
  query limit?#: integer(1..10000)
clients: addClient# POST /admin/clients -> 201 ClientInformation, 415 UnsupportedMediaType, 422 InvalidClientMetadata
  body { metadata#: object, client_id?#: string, audience?#: string, policy?#: "first-party" }
clients: showClient# GET /admin/clients/{client_id} -> 200 Client, 404 NotFound
  path client_id#: string
clients: deleteClient# DELETE /admin/clients/{client_id} -> 200 ClientDone, 404 NotFound
  path client_id#: string
clients: disableClient# POST /admin/clients/{client_id}/disable -> 200 ClientDone, 404 NotFound, 415 UnsupportedMediaType
  path client_id#: string
clients: enableClient# POST /admin/clients/{client_id}/enable -> 200 ClientDone, 404 NotFound, 415 UnsupportedMediaType
  path client_id#: string
clients: rotateClientSecret# POST /admin/clients/{client_id}/secret -> 200 ClientInformation, 404 NotFound, 415 UnsupportedMediaType, 422 InvalidClientMetadata
  path client_id#: string
  body? { overlap_seconds?#: integer }
clients: inviteClient# POST /admin/invitations -> 201 Invitation, 415 UnsupportedMediaType, 422 InvalidClientMetadata
  body? { lifetime_seconds?#: integer }
grants: listGrants# GET /admin/grants -> 200 GrantList, 404 NotFound
  query client?#: string
  query user?#: string
  query reverse?#: boolean
  query before?#: string
  query after?#: string
  query limit?#: integer(1..10000)
grants: showGrant# GET /admin/grants/{grant_id} -> 200 GrantHistory, 404 NotFound, 409 Refused
  path grant_id#: string
  query before?#: integer(0..9007199254740991)
  query after?#: integer(-1..9007199254740991)
  query limit?#: integer(1..1000)
grants: revokeGrant# POST /admin/grants/{grant_id}/revoke -> 200 GrantDone, 404 NotFound, 415 UnsupportedMediaType
  path grant_id#: string
accounts: listAccounts# GET /admin/accounts -> 200 AccountList
  query reverse?#: boolean
  query before?#: string
  query after?#: string
  query limit?#: integer(1..10000)
accounts: addAccount# POST /admin/accounts -> 201 Account, 409 Refused, 415 UnsupportedMediaType
  body { name#: NAME, password?#: string(4..) }
accounts: showAccount# GET /admin/accounts/{name} -> 200 Account, 404 NotFound
  path name#: NAME
accounts: setPassword# POST /admin/accounts/{name}/password -> 200 PasswordDone, 404 NotFound, 415 UnsupportedMediaType
  path name#: NAME
  body { password#: string(4..) }
accounts: disableAccount# POST /admin/accounts/{name}/disable -> 200 AccountDone, 404 NotFound, 415 UnsupportedMediaType
  path name#: NAME
accounts: enableAccount# POST /admin/accounts/{name}/enable -> 200 AccountDone, 404 NotFound, 415 UnsupportedMediaType
  path name#: NAME
accounts: listPasskeys# GET /admin/accounts/{name}/passkeys -> 200 PasskeyList, 404 NotFound
  path name#: NAME
accounts: removePasskeys# DELETE /admin/accounts/{name}/passkeys -> 200 PasskeysRemoved, 404 NotFound
  path name#: NAME
accounts: removePasskey# DELETE /admin/accounts/{name}/passkeys/{id} -> 200 PasskeysRemoved, 404 NotFound
  path name#: NAME
  path id#: string
subjects: showSubject# GET /admin/subjects/{subject} -> 200 Subject, 404 NotFound
  path subject#: string
  query is_name?#: boolean
subjects: forgetSubject# POST /admin/subjects/{subject}/forget -> 200 SubjectForgotten, 404 NotFound, 415 UnsupportedMediaType
  path subject#: string
  body? { is_name?#: boolean }
audit: explain# POST /admin/explain -> 200 Explanation, 409 Refused, 415 UnsupportedMediaType
  body? { about?#: string(..2048), question?: Question, at?#: string(..2048), request_origin?#: boolean }
audit: blastRadius# POST /admin/blast-radius -> 200 BlastAnswer, 404 NotFound, 415 UnsupportedMediaType
  body? { about?#: string(..2048), since?#: string(..2048), limit?#: integer(0..100000) }
audit: revokeBlastRadius# POST /admin/blast-radius/revoke -> 200 BlastRevoked, 404 NotFound, 415 UnsupportedMediaType
  body? { about?#: string(..2048), since?#: string(..2048), limit?#: integer(0..100000) }
audit: listSigningKeys# GET /admin/signing-keys -> 200 SigningKeyList
`

it("every operation has a place, and says what it takes and what it answers", () => {
  const usual = new Set(Object.keys(USUAL))
  const lines = operationsOfDocument.flatMap(({ path, method, one }) => outlineOf(path, method, one, usual))
  const name = typeOf(jsonSchemaOf(AccountName))
  expect(lines.join("\n").replaceAll(name, "NAME")).toBe(OPERATIONS.trim())
})

it("every operation may be refused as any request may be, and every answer says under which id it is found", () => {
  const usual = Object.entries(USUAL).map(([status, name]) => [status, { $ref: `#/components/responses/${name}` }])
  for (const { one } of operationsOfDocument) {
    expect(one, one.operationId).toMatchObject({
      summary: expect.stringMatching(/^[A-Z].*[^.]$/) as string,
      description: expect.stringMatching(/^[A-Z].*\.$/) as string,
      responses: Object.fromEntries(usual) as object,
      security: [{ adminCredential: [] }],
    })
    const answer = Object.values(one.responses).find(({ $ref }) => $ref === undefined)
    expect(answer, one.operationId).toMatchObject({
      ...words,
      headers: { "X-Request-Id": { ...words, schema: { type: "string" } } },
    })
  }
})

const ANSWERS = `
Account#: { name: string, subjectId: string, displayName: string, hasPassword: boolean, createdAt#: integer }
AccountDone#: { name: string, done: "disabled" | "enabled" }
AccountList#: { accounts: [{ name: string, subject: string, status: "enabled" | "disabled", password: "set" | "none", created#: date-time }], before#: string | null, after#: string | null }
BlastAnswer#: { radius: BlastRadius, grantIds#: [string] }
BlastRadius#: { asOf: Moment, root: string, rootName: string | null, counts: { grants: integer, suspendedGrants: integer, clients: integer, subjects: integer, codes: integer, refreshTokens: integer, accessTokens: integer }, grants: [{ grantId: string, clientId: string, clientName: string | null, subjectId: string | null, openedAt#: integer, position#: integer, isSuspended: boolean, alive: [Relative] }] }
BlastRevoked#: { revokedGrantIds: [string], left: BlastRadius }
Cause#: { rule: string, sentence: string, requirements: [string], isPassing: boolean, isTheft: boolean, since#: TIME, positions: [integer] }
Client#: { clientId: string, status: "enabled" | "disabled", epoch: integer(0..9007199254740991), replacedSecret?: { digest: string, expiresAt: TIME | null }, registrationToken?: string, audience: string(..2048) | null, origin: "dynamic" | "operator" | "document", policy?: "first-party", metadataDigest?: string, registeredAt#: date-time, hasSecret: boolean }
ClientDone#: { client_id: string, client_name: string | null, done: "disabled" | "enabled" | "deleted" }
ClientInformation#: { client_id: string, client_secret?#: string }
ClientList#: { clients: [{ client_id: string, name?: string, status: "enabled" | "disabled", method#: string, origin: "dynamic" | "operator" | "document", audience#: string | null, registered#: date-time }], before#: string | null, after#: string | null }
Command#: { command: string, purpose: string }
Entry#: { actor#: string | null, causationId: string | null, correlationId#: string, event: Event, id: string, position#: integer, recordedAt#: integer, sealed#: string | null, stream: string, version: integer }
EventLine#: { position#: integer, at#: integer, type: EVENT_TYPES, sentence#: string, actor: string | null, actorName: string | null, clientName: string | null, correlationId: string, causationId: string | null, isRequestOriginSealed: boolean, requestOrigin?: RequestOrigin }
Explained#: { isOurs: true, kind: "code" | "refresh token" | "access token" | "grant" | "client" | "subject", id: string, grantId: string | null, clientId: string | null, clientName: string | null, subjectId: string | null, asOf: Moment, jwt?: JwtChecked, standing: Standing, chain#: [EventLine], ancestry#: [EventLine], presentations#: [EventLine], untold: { generations: integer, presentations: integer }, descendants#: [Relative], siblings#: [Relative], grants: [{ grantId: string, clientId: string, clientName: string | null, subjectId: string | null, openedAt#: integer, aliveCount: integer }], hasMoreGrants: boolean, next: [Command], proof: [Command] }
Explanation#: Explained | NotOurs
GrantDone#: { grant_id: string, done: "revoked" }
GrantHistory#: { entries: [Entry], olderCount#: integer, newerCount#: integer, before#: integer | null, after#: integer | null, clientNames#: { *: string } }
GrantList#: { grants: [{ grant_id: string, status#: "open" | "suspended" | "expired" | "revoked" | "denied" | "ended", client_id: string, client_name: string | null, subject#: string | null, scope: string, resource: [string], opened#: string, ends#: date-time }], before#: string | null, after#: string | null }
Invitation#: { initial_access_token#: string, expires#: date-time }
JwtChecked#: { kid: string | null, signature: "verified" | "wrong" | "by a compromised key" | "not checked", differing: [string] }
Moment#: { size#: integer, at#: TIME }
NotOurs#: { isOurs: false, archived: { grantId: string, archive: integer, file: string, entryCount: integer } | null, asOf: Moment, jwt?: JwtChecked, sentence: string, next: [Command], proof: [Command] }
PasskeyList#: { passkeys: [{ id: string, name: string, kept: "synced" | "one device", added#: date-time, used#: date-time | null, wentBack#: date-time | null }] }
PasskeysRemoved#: { name: string, removedCount: integer }
PasswordDone#: { name: string, done: "password set", passkeyCount#: integer }
Question#: { meanings: [{ _tag: "Token", digest: string } | { _tag: "Metadata", digest: string } | { _tag: "Grant", grantId: string(..2048) } | { _tag: "Client", clientId: string(..2048) } | { _tag: "Subject", subjectId: string(..2048) }](..8), namedGrant?#: string(..2048), name?#: string(..2048), jwt?#: { kid: string(..2048) | null, signature: "verified" | "wrong" | "by a compromised key" | "not checked", named: { grantId: string(..2048), digest: string }, claims: { *: string } } }
Relative#: { kind: "code" | "refresh token" | "access token", digest#: string, expiresAt#: TIME, generation: integer, position#: integer, grantId?: string, clientId?: string }
RequestOrigin#: { _tag: "RequestOrigin", address: string | null, userAgent: string | null } | { _tag: "NotRecorded" } | { _tag: "Forgotten" } | { _tag: "Lost" | "Damaged", message: string }
SigningKeyList#: { keys: [{ kid: string, alg: "ES256" | "RS256" | "EdDSA", publicKey: { *: string }, isCompromised: boolean }] }
Standing#: { status: "alive" | "suspended" | "dead", until: TIME | null, cause: Cause | null, others: [Cause] }
Subject#: { subject: string, account#: string | null, browserSessionCount: integer, liveGrantCount: integer, isKeyDestroyed#: boolean, forgotten: date-time | null }
SubjectForgotten#: { subject: string, account#: string | null, browserSessionCount: integer, liveGrantCount: integer, isKeyDestroyed#: boolean, forgotten: date-time | null, done: "forgotten" }
`

it("the example of a client that is added is one that the server takes", async () => {
  const { properties } = document.paths["/admin/clients"]!["post"]!.requestBody!.content["application/json"].schema
  const { examples } = properties!["metadata"]!
  expect(examples).toEqual([{ client_name: "nightly report", redirect_uris: [], grant_types: ["client_credentials"] }])
  const { native } = await serverOver()
  const added = await Effect.runPromise(native.addClient({ metadata: examples![0] as object }))
  expect(added).toMatchObject({ client_name: "nightly report", grant_types: ["client_credentials"] })
})

it("every answer is one of these, and what the log and a client's metadata are, the core says", () => {
  const { schemas, responses } = document.components
  const { Event, Client, ...own } = schemas
  const properties = Object.fromEntries(
    Object.entries(Client!.properties!).filter(([name]) => !Object.hasOwn(ClientMetadata.fields, name)),
  )
  const types = eventTypes.map((type) => JSON.stringify(type)).join(" | ")
  const lines = Object.entries({ ...own, Client: { ...Client, properties } })
    .filter(([name]) => !Object.hasOwn(responses, name))
    .map(([name, schema]) => `${named(name, true, schema)}: ${typeOf(schema)}`)
  const text = lines
    .toSorted()
    .join("\n")
    .replace(types, "EVENT_TYPES")
    .replaceAll(typeOf(jsonSchemaOf(EpochMillis)), "TIME")
  expect(text).toBe(ANSWERS.trim())
  expect(Event!.description).toBe("What happened")
  expect(Event!.anyOf!.map(({ properties }) => properties!["_tag"]!.enum![0])).toEqual(eventTypes)
})

it("every refusal has one schema, words, an example, and the headers that come with its status", () => {
  const { schemas, responses } = document.components
  const text = { ...words, schema: { type: "string" } }
  const again = { "Retry-After": { ...words, schema: { type: "integer" } } }
  const special: Readonly<Record<string, object>> = {
    Unauthorized: { "WWW-Authenticate": text },
    TooManyRequests: again,
    TemporarilyUnavailable: again,
  }
  const names = [...Object.values(USUAL), "NotFound", "Refused", "InvalidClientMetadata", "UnsupportedMediaType"]
  expect(Object.keys(responses).toSorted()).toEqual(names.toSorted())
  for (const name of names) {
    const { description, ...response } = responses[name]!
    const error = name.replaceAll(/(?<=.)(?=[A-Z])/g, "_").toLowerCase()
    const example = { error, error_description: expect.stringMatching(/^[a-z]/) as string }
    expect(response, name).toEqual({
      headers: { "X-Request-Id": text, ...special[name] },
      content: { "application/json": { schema: { $ref: `#/components/schemas/${name}` }, example } },
    })
    expect(schemas[name], name).toEqual({
      type: "object",
      properties: {
        error: error === "invalid_client_metadata" ? { type: "string" } : { type: "string", enum: [error] },
        error_description: { type: "string", description: "what is wrong, and what to do" },
      },
      required: ["error", "error_description"],
      additionalProperties: false,
      description,
      examples: [response.content!["application/json"].example],
    })
    expect(description).toMatch(/^[A-Z].*[^.]$/)
  }
})

it("it is about this version, in groups, and asks for the credential", () => {
  expect(document.info).toEqual({
    title: "grantlog admin API",
    version: version(),
    description: expect.stringMatching(
      /^What the command `grantlog` .* with --json\. Every change .* its request\. An error has .* for people\.$/,
    ) as string,
  })
  expect(document.tags).toEqual(
    ["clients", "grants", "accounts", "subjects", "audit"].map((name) => ({ name, ...words })),
  )
  expect(document.components.securitySchemes).toEqual({ adminCredential: { type: "http", scheme: "bearer", ...words } })
  expect(document.security).toEqual([{ adminCredential: [] }])
})
