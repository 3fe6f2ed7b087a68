/**
 * Signing keys that cannot be read, or opened, at whatever moment of an answer: what is used once is answered, or can be
 * brought again, so that nothing acknowledged is lost.
 */
import { Effect } from "effect"
import { expect, it } from "vitest"
import {
  deviceGrant,
  idJag,
  jwtAccessTokens,
  jwtResponses,
  ownLogin,
  pushedRequests,
  standardFeatures,
  tokenExchange,
} from "../../src/entry/grantlog.ts"
import { createHandler } from "../../src/http/index.ts"
import { StoreFault } from "../../src/log/index.ts"
import { ephemeralKeys, liveRandomness, memorySigningKeys } from "../../src/provider/index.ts"
import { actionOf, newBrowser } from "../support/FrontDoor.ts"
import { identityProvider } from "../support/IdentityProvider.ts"
import { keepTime } from "../support/Moment.ts"
import { openUrl, pushed } from "../support/Pushing.ts"
import { addService } from "../support/Session.ts"
import { ISSUER, generousLimits, serve, serverOver } from "../support/TestServer.ts"
import { RESOURCE, wireClient } from "../support/WireClient.ts"

const run = Effect.runPromise
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code"

/** Keys that are away after so many more reads. */
const unsteadyKeys = () => {
  const keys = memorySigningKeys(ephemeralKeys(), liveRandomness)
  let left = Number.POSITIVE_INFINITY
  const reading = <A>(read: Effect.Effect<A, StoreFault>) =>
    Effect.suspend(() =>
      left-- > 0 ? read : Effect.fail(new StoreFault({ reason: "other", message: "the keys are away" })),
    )
  const signingKeys: typeof keys = {
    ...keys,
    list: reading(keys.list),
    active: (alg, now) => reading(keys.active(alg, now)),
    privateKeyOf: (key) => reading(keys.privateKeyOf(key)),
  }
  return {
    signingKeys,
    goAwayAfter: (reads: number) => (left = reads),
    comeBack: () => (left = Number.POSITIVE_INFINITY),
  }
}

const scene = async () => {
  const { signingKeys, ...presence } = unsteadyKeys()
  const idp = await identityProvider()
  const login = ownLogin({ sessionOf: () => ({ user: "alice", since: 1 }), signInAt: () => "/sign-in" })
  const made = await serverOver({
    signingKeys,
    isAutoApproving: false,
    features: [
      ...standardFeatures,
      jwtAccessTokens({ resources: "all" }),
      tokenExchange(),
      idJag({ issuers: [{ issuer: idp.issuer, jwks: idp.jwks }] }),
      ...deviceGrant(),
      ...pushedRequests(),
      ...jwtResponses(),
    ],
  })
  const endpoints = { login, limits: generousLimits }
  const url = await serve(made.native, { endpoints })
  const wire = wireClient(url)
  keepTime(ISSUER, made.clock)
  const handle = createHandler(made.native, { ...endpoints, sourceOf: () => "192.0.2.1" })
  const browser = newBrowser(ISSUER, (to, request) => handle(new Request(to, request)))
  const grant_types = ["authorization_code", "refresh_token", JWT_BEARER, EXCHANGE, DEVICE, "client_credentials"]
  const redirect_uris = ["https://app.example/callback"]
  const app = { ...(await addService(made, { grant_types, redirect_uris })), redirectUri: redirect_uris[0]! }
  /** The consent page of a request that was pushed, which is one request however often it is opened. */
  const asked = async (form: Record<string, string> = {}) => {
    const path = openUrl(app.clientId, await pushed(wire, app, { resource: RESOURCE, ...form }))
    const page = await browser.walk(path)
    const action = actionOf(page, "/consent")!
    return (decision: string) => browser.submit(page, action, { decision })
  }
  const code = async () => {
    const { location } = await (await asked())("allow")
    return { code: new URL(location!).searchParams.get("code")!, verifier: "v".repeat(43) }
  }
  return { ...made, ...presence, wire, app, browser, asked, code, idp }
}

type Scene = Awaited<ReturnType<typeof scene>>
/** What is brought, as often as it takes. */
type Bring = () => Promise<{ readonly status: number }>

const cases: Readonly<Record<string, (at: Scene) => Promise<Bring>>> = {
  "a code": async ({ wire, app, code }) => {
    const approval = await code()
    return () => wire.redeem(app, approval)
  },
  "a refresh token": async ({ wire, app, code }) => {
    const { body } = await wire.redeem(app, await code())
    return () => wire.refresh(app, body.refresh_token!)
  },
  "a device code": async ({ wire, app, native, clock }) => {
    const { body } = await wire.asApp("/device_authorization")(app, { resource: RESOURCE })
    const { subjectId } = await run(native.accounts.ensure("alice", clock.now()))
    await run(
      native.devices.approve({
        userCode: String(body["user_code"]),
        approval: { _tag: "User", subjectId, approvedAt: clock.now() },
        scopes: null,
        resources: [RESOURCE],
      }),
    )
    return () => wire.token(app, { grant_type: DEVICE, device_code: String(body["device_code"]) })
  },
  "an identity assertion": async ({ wire, app, idp, native }) => {
    const seconds = Math.floor(native.now() / 1000)
    const claims = { sub: "U1", aud: ISSUER, client_id: app.clientId, resource: RESOURCE, jti: "one" }
    const assertion = await idp.sign({ ...claims, iat: seconds, exp: seconds + 60 }, { typ: "oauth-id-jag+jwt" })
    return () => wire.token(app, { grant_type: JWT_BEARER, assertion })
  },
  "a token that is exchanged": async ({ wire, app, code }) => {
    const { body } = await wire.redeem(app, await code())
    const subject = { subject_token: body.access_token!, subject_token_type: ACCESS_TOKEN }
    return () => wire.token(app, { grant_type: EXCHANGE, ...subject })
  },
  "an approval whose answer is signed": async ({ asked }) => {
    const answer = await asked({ response_mode: "jwt" })
    return () => answer("allow")
  },
  "an approval whose answer is signed and posted": async ({ asked }) => {
    const answer = await asked({ response_mode: "form_post.jwt" })
    return () => answer("allow")
  },
  "a no whose answer is signed": async ({ asked }) => {
    const answer = await asked({ response_mode: "query.jwt" })
    return () => answer("deny")
  },
}

const isAnswer = (status: number | undefined): boolean => status !== undefined && status < 400

it.each(Object.keys(cases))("%s is answered, or can be brought again, whenever the keys go away", async (name) => {
  const answered: Array<number> = []
  for (let reads = 0; !isAnswer(answered.at(-1)); reads++) {
    const at = await scene()
    const bring = await cases[name]!(at)
    at.goAwayAfter(reads)
    const { status } = await bring()
    answered.push(status)
    at.comeBack()
    if (isAnswer(status)) continue
    expect([reads, status]).toEqual([reads, 503])
    const again = await bring()
    expect([reads, again.status, isAnswer(again.status)]).toEqual([reads, again.status, true])
  }
  // Nothing is signed without a read, so that the first of them has met the fault.
  expect(answered.length).toBeGreaterThan(1)
})
