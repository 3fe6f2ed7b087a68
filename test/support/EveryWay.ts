/**
 * A server with every way to a token, a client that may go each of them, and a browser of somebody who is signed in; and
 * what each way uses up, to be brought as often as a test likes, to that server or to one that takes its place.
 */
import { Effect } from "effect"
import {
  deviceGrant,
  dpop,
  idJag,
  jwtAccessTokens,
  jwtResponses,
  ownLogin,
  privateKeyJwt,
  pushedRequests,
  standardFeatures,
  tokenExchange,
} from "../../src/entry/grantlog.ts"
import { createHandler } from "../../src/http/index.ts"
import { assertionForm, assertionOf, newSigningKey } from "./Assertions.ts"
import { newDpopKey } from "./DpopKey.ts"
import { actionOf, newBrowser } from "./FrontDoor.ts"
import { identityProvider } from "./IdentityProvider.ts"
import { keepTime } from "./Moment.ts"
import { openUrl, pushed } from "./Pushing.ts"
import { addService } from "./Session.ts"
import { ISSUER, generousLimits, serve, serverOver, type Setting } from "./TestServer.ts"
import { RESOURCE, wireClient, type WireClient } from "./WireClient.ts"

const run = Effect.runPromise
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
const redirect_uris = ["https://app.example/callback"]

/** What somebody is told who brings something. */
export interface Told {
  readonly status: number
}

/** Brings it; to whichever server answers at the moment. */
export type Bring = () => Promise<Told>

/** The server, and others in its place. */
export const everyWay = async (setting: Setting = {}) => {
  const idp = await identityProvider()
  const features = [
    ...standardFeatures,
    jwtAccessTokens({ resources: "all" }),
    tokenExchange(),
    idJag({ issuers: [{ issuer: idp.issuer, jwks: idp.jwks }] }),
    ...deviceGrant(),
    ...pushedRequests(),
    ...jwtResponses(),
    privateKeyJwt(),
    dpop(),
  ]
  const login = ownLogin({ sessionOf: () => ({ user: "alice", since: 1 }), signInAt: () => "/sign-in" })
  const endpoints = { login, limits: generousLimits }
  const open = async (own: Setting) => {
    const made = await serverOver({ isAutoApproving: false, features, ...own })
    const handle = createHandler(made.native, { ...endpoints, sourceOf: () => "192.0.2.1" })
    return { ...made, handle, wire: wireClient(await serve(made.native, { endpoints })) }
  }
  const first = await open(setting)
  const { keys, clock } = first
  let now = first
  keepTime(ISSUER, clock)
  const wire = () => now.wire
  const browser = newBrowser(ISSUER, (to, request) => now.handle(new Request(to, request)))
  const key = await newSigningKey()
  const proofKey = await newDpopKey()
  const grant_types = ["authorization_code", "refresh_token", JWT_BEARER, EXCHANGE, DEVICE, "client_credentials"]
  const app = { ...(await addService(first, { grant_types, redirect_uris })), redirectUri: redirect_uris[0]! }
  const { client_id: signer } = await run(
    first.native.addClient({
      metadata: {
        redirect_uris: [],
        grant_types: ["client_credentials"],
        token_endpoint_auth_method: "private_key_jwt",
        jwks: { keys: [key.jwk] },
      },
    }),
  )
  /** The consent page of a request that was pushed, which is one request however often it is opened. */
  const asked = async (form: Record<string, string> = {}) => {
    const path = openUrl(app.clientId, await pushed(wire(), app, { resource: RESOURCE, ...form }))
    const page = await browser.walk(path)
    const action = actionOf(page, "/consent")!
    return (decision: string) => browser.submit(page, action, { decision })
  }
  const code = async () => {
    const { location } = await (await asked())("allow")
    return { code: new URL(location!).searchParams.get("code")!, verifier: "v".repeat(43) }
  }
  const device = async () => {
    const { body } = await wire().asApp("/device_authorization")(app, { resource: RESOURCE })
    return { userCode: String(body["user_code"]), deviceCode: String(body["device_code"]) }
  }
  const approveDevice = async (userCode: string) => {
    const { subjectId } = await run(now.native.accounts.ensure("alice", clock.now()))
    const approval = { _tag: "User" as const, subjectId, approvedAt: clock.now() }
    await run(now.native.devices.approve({ userCode, approval, scopes: null, resources: [RESOURCE] }))
  }

  const ways = {
    "a code": async (): Promise<Bring> => {
      const approval = await code()
      return () => wire().redeem(app, approval)
    },
    "a refresh token": async (): Promise<Bring> => {
      const { body } = await wire().redeem(app, await code())
      return () => wire().refresh(app, body.refresh_token!)
    },
    "a device code": async (): Promise<Bring> => {
      const { userCode, deviceCode } = await device()
      await approveDevice(userCode)
      return () => wire().token(app, { grant_type: DEVICE, device_code: deviceCode })
    },
    "a user code": async (): Promise<Bring> => {
      const { userCode } = await device()
      const page = await browser.get(`/device?user_code=${userCode}`)
      return () => browser.submit(page, "/device", { decision: "allow" })
    },
    "an identity assertion": async (): Promise<Bring> => {
      const seconds = Math.floor(clock.now() / 1000)
      const claims = { sub: "U1", aud: ISSUER, client_id: app.clientId, resource: RESOURCE, jti: "one" }
      const assertion = await idp.sign({ ...claims, iat: seconds, exp: seconds + 60 }, { typ: "oauth-id-jag+jwt" })
      return () => wire().token(app, { grant_type: JWT_BEARER, assertion })
    },
    "a client assertion": async (): Promise<Bring> => {
      const proof = assertionForm(await assertionOf({ clientId: signer, key, now: clock.now() }))
      return () => wire().post("/token", { grant_type: "client_credentials", resource: RESOURCE, ...proof })
    },
    "a proof of a key": async (): Promise<Bring> => {
      const headers = { dpop: await proofKey.proof("POST", `${ISSUER}/token`, { now: clock.now() }) }
      return () => wire().token(app, { grant_type: "client_credentials", resource: RESOURCE }, headers)
    },
    "an invitation": async (): Promise<Bring> => {
      const { token } = await run(now.native.newInitialAccessToken())
      const metadata = JSON.stringify({ redirect_uris, client_name: "Invited" })
      const headers = { "content-type": "application/json", authorization: `Bearer ${token}` }
      return () => wire().send("POST", "/register", headers, metadata)
    },
    "an approval": async (): Promise<Bring> => {
      const answer = await asked()
      return () => answer("allow")
    },
    "a token that is exchanged": async (): Promise<Bring> => {
      const { body } = await wire().redeem(app, await code())
      const subject = { subject_token: body.access_token!, subject_token_type: ACCESS_TOKEN }
      return () => wire().token(app, { grant_type: EXCHANGE, ...subject })
    },
    "an approval whose answer is signed": async (): Promise<Bring> => {
      const answer = await asked({ response_mode: "jwt" })
      return () => answer("allow")
    },
    "an approval whose answer is signed and posted": async (): Promise<Bring> => {
      const answer = await asked({ response_mode: "form_post.jwt" })
      return () => answer("allow")
    },
    "a no whose answer is signed": async (): Promise<Bring> => {
      const answer = await asked({ response_mode: "query.jwt" })
      return () => answer("deny")
    },
  }
  return {
    ways,
    store: first.store,
    /** Another server on the same log takes the place of the one there was. */
    restart: async (store: NonNullable<Setting["store"]>): Promise<void> => {
      now = await open({ ...setting, store, keys, clock })
    },
  }
}

export type Way = keyof Awaited<ReturnType<typeof everyWay>>["ways"]
export type { WireClient }
