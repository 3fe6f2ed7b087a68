/** Shape: what is asked, stored and folded has the members that its schema names, each of its own kind, at every depth. */
import { Result, Schema, SchemaAST } from "effect"
import { describe, expect, it } from "vitest"
import { given, sliceFor, type Fact } from "../../properties/Scenario.ts"
import {
  AccessToken,
  AccessTokenEnd,
  AttemptFault,
  AuthMethod,
  Authentication,
  Client,
  ClientMetadata,
  ClientOrigin,
  Command,
  Event,
  Grant,
  GrantEnd,
  GrantType,
  Issuer,
  Resource,
  RedirectUri,
  Subject,
  Text,
  commandTypes,
  eventTypes,
  issuedDigest,
} from "../../src/core/index.ts"
import {
  actForItself,
  again,
  alice,
  approveDevice,
  at,
  denyDevice,
  digest,
  exchange,
  exchangeMetadata,
  grantId,
  initialize,
  jkt,
  metadata,
  older,
  open,
  opened,
  raiseEpoch,
  redeem,
  redeemDevice,
  redeemed,
  refresh,
  refuseConsent,
  register,
  registerDevice,
  registerService,
  resources,
  revoke,
  revokeGrant,
  rotateSecret,
  rotated,
  scopes,
  service,
  standing,
  television,
  toClient,
  toSubject,
  update,
} from "./support/Facts.ts"

const attemptFaults = "verifier_missing verifier_malformed verifier_wrong redirect_uri_wrong key_wrong"
const page = "https://app.example/page"
const everyMember: ClientMetadata = {
  ...metadata,
  scope: "read",
  application_type: "web",
  client_name: "an app",
  client_uri: page,
  logo_uri: page,
  tos_uri: page,
  policy_uri: page,
  software_id: "software",
  software_version: "1",
}
const audience = Resource.make("https://files.example")

const approved = { subjectId: alice, approvedAt: at(0) }
const byPolicy = open({ basis: { _tag: "Policy", ...approved, policy: "staff" } })
const loopback = RedirectUri.make("http://127.0.0.1/callback")
const byItself = open({
  basis: { _tag: "Auto", ...approved },
  request: { ...open().request, redirectUri: loopback, jkt: jkt("key") },
})
const onLoopback = register({ metadata: { ...metadata, redirect_uris: [loopback] } })

const commands: ReadonlyArray<Command> = [
  initialize(),
  raiseEpoch(),
  register({ metadata: everyMember, appSchemes: ["zed"] }),
  registerService({ audience, secret: { digest: digest("secret"), expiresAt: at(9) } }),
  update({ metadata: everyMember, appSchemes: ["zed"] }),
  rotateSecret(),
  toClient("DisableClient"),
  toClient("EnableClient"),
  toClient("DeleteClient"),
  open({ metadataDigest: digest("document"), offer: { ...open().offer, resources: [audience] } }),
  byItself,
  byPolicy,
  refuseConsent(),
  approveDevice({ metadataDigest: digest("document") }),
  denyDevice(),
  redeemDevice({ jkt: jkt("key"), waiting: { clientId: television, expiresAt: at(9) }, resources: [audience] }),
  redeem({ jkt: jkt("key"), resources: [audience] }),
  refresh(1, { scopes: scopes("read"), jkt: jkt("key"), resources: resources("https://files.example") }),
  again("access-2"),
  older(1, {}, jkt("key")),
  revoke(),
  revokeGrant(),
  actForItself({ scopes: scopes("read"), actors: [service, alice] }),
  exchange({ actor: exchange().subject, mayAct: alice, scopes: scopes("read"), jkt: jkt("key") }),
  toSubject("RevokeSubjectSessions"),
  toSubject("DisableSubject"),
  toSubject("EnableSubject"),
  toSubject("ForgetSubject"),
]

const denied = refuseConsent({ grantId: grantId("denied") })
const stories: ReadonlyArray<ReadonlyArray<Fact>> = [
  [...standing, denied, open({ metadataDigest: digest("document") }), redeem({ jkt: jkt("key") })],
  [...opened, redeem({ verifier: null }), redeem(), redeem()],
  [...rotated, again("access-2"), revoke({ presented: { _tag: "AccessToken", digest: digest("access-2") } })],
  [...rotated, refresh(2), older(1)],
  [...redeemed, revokeGrant()],
  [...redeemed, registerService({ metadata: exchangeMetadata }), exchange({ mayAct: alice })],
  [...standing, byPolicy],
  [initialize(), registerDevice(), approveDevice(), denyDevice({ grantId: grantId("denied") })],
  [initialize(), onLoopback, byItself],
  [
    ...[initialize(), raiseEpoch(), registerService({ audience }), rotateSecret(), actForItself()],
    ...[register({ metadata: everyMember }), update(), toClient("DisableClient"), toClient("EnableClient")],
    ...[toClient("DeleteClient"), toSubject("RevokeSubjectSessions")],
    ...[toSubject("DisableSubject"), toSubject("EnableSubject"), toSubject("ForgetSubject")],
  ],
]
const events = stories.flatMap((facts) => given(...facts).history)
const states = stories.flatMap((facts) => {
  const { history } = given(...facts)
  const about = [
    redeem(),
    denied,
    denyDevice({ grantId: grantId("denied") }),
    rotateSecret(),
    revokeGrant({ grantId: exchange().grantId }),
  ]
  return about.map((one) => {
    const { ancestors: _, ...folded } = sliceFor(history, one)
    return folded
  })
})

const isObject = (value: unknown): value is object => typeof value === "object" && value !== null

/** Every value that differs from `value` in one member, at any depth, which is of no kind that is ever right. */
const spoiled = (value: object): ReadonlyArray<object> =>
  Object.entries(value).flatMap(([name, member]: [string, unknown]) =>
    [Symbol("of no kind"), ...(isObject(member) ? spoiled(member) : [])].map((worse) =>
      Array.isArray(value) ? value.with(Number(name), worse) : { ...value, [name]: worse },
    ),
  )

describe("every member at every depth", () => {
  it.each<readonly [string, Schema.Top & { readonly DecodingServices: never }, ReadonlyArray<object>]>([
    ["a command", Command, commands],
    ["an event", Event, events],
    ["a state", Schema.Struct({ issuer: Issuer, client: Client, subject: Subject, grant: Grant }), states],
  ])("of %s is of the kind that its schema says", (_, schema, examples) => {
    const fits = Schema.is(schema)
    expect(examples.filter((one) => !fits(one))).toEqual([])
    expect(examples.flatMap(spoiled).filter(fits)).toEqual([])
  })

  it("of an event or a state is JSON as it is, so that no schema has to write one", () => {
    const isAsItIs = (schema: Schema.Top) =>
      SchemaAST.toType(schema.ast) === schema.ast && Schema.toCodecJson(schema).ast === schema.ast
    expect([Event, AccessToken, Issuer, Client, Subject, Grant].map(isAsItIs)).toEqual(Array(6).fill(true))
    const encoded = [Schema.FiniteFromString, Schema.Date, Schema.Struct({ at: Schema.Option(Schema.Int) })]
    expect(encoded.map(isAsItIs)).toEqual(Array(3).fill(false))
    const slice = Schema.Struct({ issuer: Issuer, client: Client, subject: Subject, grant: Grant })
    for (const event of events) expect(Schema.encodeSync(Event)(event)).toStrictEqual(event)
    for (const state of states) expect(Schema.encodeSync(slice)(state)).toStrictEqual(state)
  })

  it("is looked at in every command and every event", () => {
    expect([...new Set(commands.map(({ _tag }) => _tag))].toSorted()).toEqual(commandTypes.toSorted())
    expect([...new Set(events.map(({ _tag }) => _tag))].toSorted()).toEqual(eventTypes.toSorted())
  })
})

describe("a word out of a list", () => {
  it.each<readonly [string, Schema.Top & { readonly DecodingServices: never }, string]>([
    ["what a client proved", Authentication, "none verified failed"],
    ["who registered a client", ClientOrigin, "dynamic operator"],
    ["the kind of an application", ClientMetadata.fields.application_type, "web native"],
    ["what is wrong with an attempt", AttemptFault, attemptFaults],
    ["why an access token ended", AccessTokenEnd, "client limit"],
    ["why a grant ended", GrantEnd, "code_replayed refresh_token_reused client subject operator"],
    ["the standing of a client", Client.cases.Registered.fields.status, "enabled disabled"],
    ["the standing of a subject", Subject.fields.status, "enabled disabled forgotten"],
  ])("is one of those that %s can be, and no other", (_, schema, words) => {
    const listed = words.split(" ")
    expect(listed.filter(Schema.is(schema))).toEqual(listed)
    expect(["", "other", listed.join(" ")].filter(Schema.is(schema))).toEqual([])
  })
})

describe("a word of a protocol feature", () => {
  it("is any that can be the name of a grant type, or a URI, and nothing with a space, a quote or a control", () => {
    const is = Schema.is(GrantType)
    for (const name of ["authorization_code", "urn:ietf:params:oauth:grant-type:device_code", "x".repeat(200)]) {
      expect(is(name), name).toBe(true)
    }
    for (const name of ["", "a b", 'a"', "a\\b", "a\n", "\u00e9", "x".repeat(201)]) expect(is(name), name).toBe(false)
  })

  it("is any that can be the name of an authentication method, and nothing else", () => {
    const is = Schema.is(AuthMethod)
    for (const name of ["none", "private_key_jwt", "x".repeat(64)]) expect(is(name), name).toBe(true)
    for (const name of ["", "None", "a-b", "a b", "x".repeat(65)]) expect(is(name), name).toBe(false)
  })
})

describe("what is not of its kind", () => {
  it.each([
    ["a resource", Resource, "files", "expected an absolute URI without fragment and user information"],
    ["a redirect URI", RedirectUri, "a b", "expected a URI"],
    ["a text", Text(4), "\ud800", "expected well-formed Unicode"],
  ] as const)("is told what is expected of %s", (_, schema, text, sentence) => {
    const read = Schema.decodeUnknownResult(schema)(text)
    expect(Result.isFailure(read) ? String(read.failure) : "read").toContain(sentence)
  })
})

describe("an event", () => {
  it("names the digest of the code or token that it brings into being, and no other", () => {
    const namedBy = (facts: ReadonlyArray<Fact>) => given(...facts).history.map(issuedDigest)
    const [code, access, token] = ["code", "access-1", "refresh-1"].map(digest)
    const nothing = undefined
    expect(namedBy([...redeemed, refresh(1)]).slice(2)).toEqual([
      ...[nothing, code, nothing, access, token],
      ...[digest("refresh-2"), digest("access-2")],
    ])
    expect(namedBy([...redeemed, revoke(), older(0)]).slice(7)).toEqual([nothing, nothing, nothing])
  })
})
