/**
 * A promise about every argument there is: a program that embeds the server gets an answer or an OAuth error, and never
 * hears of an outage where the mistake is its own.
 */
import { Cause, Effect, Exit, Option } from "effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { OAuthError } from "../../src/provider/index.ts"
import { startSession } from "../support/Session.ts"
import { overSqlite } from "../support/TestServer.ts"
import { REDIRECT_URI, RESOURCE, challengeOf } from "../support/WireClient.ts"

const RUNS = 60
const SEED = 20_261_129

const start = async () => {
  const { native, app, wire, clock } = await startSession(overSqlite)
  const { access, refresh } = await wire.login(app)
  const { code } = await wire.approved(app)
  const [grant] = await Effect.runPromise(native.grants({ clientId: app.clientId }))
  const { grantId, subjectId } = grant as { readonly grantId: string; readonly subjectId: string }
  const good = { clientId: app.clientId, grantId, subjectId, at: clock.now() }
  const known = [app.clientId, access, refresh, code, grantId, subjectId, "operator", REDIRECT_URI, RESOURCE, "read"]
  return { native, known, good }
}

type Started = Awaited<ReturnType<typeof start>>

const anyText = (known: ReadonlyArray<string>) =>
  fc.oneof(
    fc.constantFrom(...known, "", "mcp", "/mcp", "https://host.example/#", challengeOf("v")),
    fc.string({ unit: "binary" }),
    fc.string({ maxLength: 3000 }),
    fc.constantFrom("a".repeat(100_000), "\ud800", "\0", "__proto__"),
  )

/** Each operation with everything it takes made up; what is no text has the type that it must have. */
const operationsOf = ({ native, known, good }: Started) => {
  const text = anyText(known)
  // What is mostly right gets far enough for what is wrong with the rest to be met.
  const mostly = <A>(right: A, any: fc.Arbitrary<A>) =>
    fc.oneof({ weight: 9, arbitrary: fc.constant(right) }, { weight: 1, arbitrary: any })
  const [clientId, subjectId, redirectUri] = [
    mostly(good.clientId, text),
    mostly(good.subjectId, text),
    mostly(REDIRECT_URI, text),
  ]
  const newGrantId = fc.stringMatching(/^[0-9A-Za-z]{22}$/)
  const list = fc.array(text, { maxLength: 3 })
  const maybe = <A>(one: fc.Arbitrary<A>) => fc.option(one, { nil: undefined })
  const record = <A>(members: { [Member in keyof A]: fc.Arbitrary<A[Member]> }) => fc.record<A>(members)
  const credentials = record({ clientId: text, clientSecret: text })
  const registered = record({ clientId, token: text })
  const request = record({
    redirectUri,
    redirectUriProvidedExplicitly: fc.boolean(),
    codeChallenge: mostly(challengeOf("v"), text),
    jkt: mostly(null, text),
  })
  const moment = mostly(good.at as number, fc.oneof(fc.integer(), fc.double(), fc.constantFrom(Infinity, 8.7e15)))
  const scopes = mostly<ReadonlyArray<string> | null>(null, list)
  const resources = fc.array(fc.oneof(fc.constant(RESOURCE), text), { maxLength: 3 })
  const approval = fc.oneof(
    record({ _tag: fc.constantFrom("User" as const, "Auto" as const), subjectId, approvedAt: moment }),
    record({ _tag: fc.constant("Policy" as const), subjectId, approvedAt: moment, policy: text }),
  )
  const opening = record({ clientId, approval, request, scopes, resources })
  const metadata = fc.oneof(
    fc.dictionary(fc.constantFrom("redirect_uris", "scope", "client_name", "jwks"), fc.oneof(text, list)),
    fc.jsonValue(),
  )
  return {
    findClient: text.map((id) => native.findClient(id)),
    knownClient: text.map((id) => native.knownClient(id)),
    askingClient: text.map((id) => native.askingClient(id)),
    registerClient: metadata.map((said) => native.registerClient(said)),
    addClient: fc
      .tuple(metadata, text, text, text)
      .map(([said, clientId, clientSecret, audience]) =>
        native.addClient({ metadata: said, clientId, clientSecret, audience }),
      ),
    newInitialAccessToken: maybe(fc.integer()).map((lifetimeSeconds) =>
      native.newInitialAccessToken(lifetimeSeconds === undefined ? {} : { lifetimeSeconds }),
    ),
    readRegistration: registered.map((access) => native.readRegistration(access)),
    replaceRegistration: fc
      .tuple(registered, metadata)
      .map(([access, said]) => native.replaceRegistration(access, said)),
    deleteRegistration: registered.map((access) => native.deleteRegistration(access)),
    requireClient: credentials.map((who) => native.requireClient(who)),
    clientFor: fc.tuple(credentials, text).map(([who, grantType]) => native.clientFor(who, grantType)),
    accountOf: text.map((id) => native.accountOf(id)),
    audienceOf: text.map((id) => native.audienceOf(id)),
    subjectOf: fc.tuple(text, text).map(([issuer, sub]) => native.subjectOf(issuer, sub)),
    updateClient: fc.tuple(text, metadata).map(([id, said]) => native.updateClient(id, said)),
    rotateClientSecret: text.map((id) => native.rotateClientSecret(id)),
    disableClient: text.map((id) => native.disableClient(id)),
    enableClient: text.map((id) => native.enableClient(id)),
    deleteClient: text.map((id) => native.deleteClient(id)),
    client: text.map((id) => native.client(id)),
    clients: maybe(text).map((after) => native.clients(after === undefined ? {} : { after })),
    authenticateClient: credentials.map((who) => native.authenticateClient(who)),
    authorize: fc
      .tuple(clientId, redirectUri, mostly(challengeOf("v"), text), scopes, resources)
      .map(([id, uri, codeChallenge, asked, resource]) =>
        native.authorize(id, {
          redirectUri: uri,
          codeChallenge,
          scopes: asked ?? [],
          resource,
          redirectUriProvidedExplicitly: true,
        }),
      ),
    redeemCode: fc
      .tuple(credentials, text, text, text, list, text)
      .map(([who, code, codeVerifier, redirectUri, resource, jkt]) =>
        native.redeemCode({ credentials: who, code, codeVerifier, redirectUri, resource, jkt }),
      ),
    refresh: fc
      .tuple(credentials, text, list, list, text)
      .map(([who, refreshToken, scopes, resource, jkt]) =>
        native.refresh({ credentials: who, refreshToken, scopes, resource, jkt }),
      ),
    issueToken: fc
      .tuple(credentials, list, list)
      .map(([who, scopes, resource]) => native.issueToken({ credentials: who, scopes, resource })),
    exchangeToken: fc
      .tuple(credentials, text, maybe(text), text, list, text)
      .map(([who, subjectToken, actorToken, policy, resource, mayAct]) =>
        native.exchangeToken({
          credentials: who,
          subjectToken,
          policy,
          resource,
          mayAct,
          ...(actorToken === undefined ? {} : { actorToken }),
        }),
      ),
    requestDevice: fc
      .tuple(credentials, list, list)
      .map(([who, scopes, resource]) => native.requestDevice({ credentials: who, scopes, resource })),
    redeemDeviceCode: fc
      .tuple(credentials, text, list, text)
      .map(([who, deviceCode, resource, jkt]) =>
        native.redeemDeviceCode({ credentials: who, deviceCode, resource, jkt }),
      ),
    revokeToken: fc
      .tuple(credentials, text, fc.boolean())
      .map(([who, token, cascade]) => native.revokeToken({ credentials: who, token, cascade })),
    introspect: fc.tuple(credentials, text).map(([who, token]) => native.introspect(who, token)),
    preview: opening.map((asked) => native.preview(asked)),
    openGrant: fc
      .tuple(opening, maybe(text), moment)
      .map(([asked, grantId, requestedAt]) =>
        native.openGrant({ ...asked, requestedAt, ...(grantId === undefined ? {} : { grantId }) }),
      ),
    denyGrant: record({ grantId: fc.oneof(newGrantId, text), clientId, subjectId, redirectUri }).map((asked) =>
      native.denyGrant(asked),
    ),
    revokeGrant: fc.tuple(mostly(good.grantId, text), text).map(([id, by]) => native.revokeGrant(id, by)),
    grant: text.map((id) => native.grant(id)),
    grants: fc.tuple(text, text).map(([clientId, subjectId]) => native.grants({ clientId, subjectId })),
    connections: text.map((id) => native.connections(id)),
    revokeSubjectSessions: text.map((id) => native.revokeSubjectSessions(id)),
    disableSubject: text.map((id) => native.disableSubject(id)),
    enableSubject: text.map((id) => native.enableSubject(id)),
    forgetSubject: text.map((id) => native.forgetSubject(id)),
    isSubjectDisabled: text.map((id) => native.isSubjectDisabled(id)),
    raiseIssuerEpoch: text.map((reason) => native.raiseIssuerEpoch(reason)),
    loadCode: fc.tuple(text, text).map(([id, code]) => native.loadCode(id, code)),
    loadRefreshToken: fc.tuple(text, text).map(([id, token]) => native.loadRefreshToken(id, token)),
    verify: text.map((token) => native.verify(token)),
  }
}

/** What went wrong that is no OAuth error; `undefined` when nothing did. */
const faultOf = async (operation: Effect.Effect<unknown, unknown>): Promise<unknown> => {
  const exit = await Effect.runPromiseExit(operation)
  if (Exit.isSuccess(exit)) return undefined
  const failure = Option.getOrUndefined(Cause.findErrorOption(exit.cause))
  return failure instanceof OAuthError ? undefined : (failure ?? Cause.squash(exit.cause))
}

test("an operation is answered or refused in OAuth's words, whatever text it is given", async () => {
  const operations = operationsOf(await start())
  for (const [name, any] of Object.entries(operations) as ReadonlyArray<
    [string, fc.Arbitrary<Effect.Effect<unknown, unknown>>]
  >) {
    await fc.assert(
      fc.asyncProperty(any, async (operation) => {
        expect(await faultOf(operation), name).toBeUndefined()
      }),
      { numRuns: RUNS, seed: SEED },
    )
  }
})

test("every operation that takes an argument is among those that are tried", async () => {
  const started = await start()
  const tried = Object.keys(operationsOf(started))
  const taking = Object.entries(started.native).flatMap(([name, member]) =>
    typeof member === "function" ? [name] : [],
  )
  const others = ["isAutoApproved", "useOnce", "requestId", "newGrantId", "verifySync", "now"]
  expect(taking.filter((name) => !others.includes(name)).toSorted()).toEqual(tried.toSorted())
})
