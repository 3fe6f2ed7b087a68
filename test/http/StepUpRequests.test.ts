/** What a request demands of the login, wherever it comes from: pushed (RFC 9126), signed (RFC 9101), and at a FAPI 2.0 server. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { ownLogin, type OwnSession } from "../../src/http/index.ts"
import {
  fapi2Features,
  pushedRequests,
  signedRequests,
  standardFeatures,
  stepUp,
  type Feature,
} from "../../src/provider/index.ts"
import { newSigningClient, signedBy, type SigningClient } from "../support/ClientSigning.ts"
import { newDpopKey } from "../support/DpopKey.ts"
import { authorizeUrl, newBrowser, startFrontDoor, type Sight } from "../support/FrontDoor.ts"
import { PUSHED_VERIFIER, openUrl, push, pushed, rightRequest } from "../support/Pushing.ts"
import { REDIRECT_URI, wireClient } from "../support/WireClient.ts"

const ISSUER = "https://id.example"
const run = Effect.runPromise

/** A program's sessions: whoever is sent to sign in comes back by gold. */
const start = async (
  features: ReadonlyArray<Feature>,
  session: OwnSession = { user: "maria", since: 1000, acr: "bronze" },
) => {
  const asked: Array<ReadonlyArray<string> | undefined> = []
  let now = session
  const login = ownLogin({
    sessionOf: () => now,
    signInAt: (returnTo, { acrValues }) => {
      asked.push(acrValues)
      now = { user: "maria", since: door.clock.now(), acr: "gold" }
      return `${ISSUER}${returnTo}`
    },
  })
  const config = { issuer: ISSUER, resources: ["https://files.example/mcp"] }
  const door = await startFrontDoor({
    config,
    features: [...features, stepUp({ acrValues: ["bronze", "gold"] })],
    endpoints: { login },
  })
  const wire = wireClient(door.url)
  const browser = newBrowser(ISSUER, door.carry)
  const open = async (url: string) => browser.follow(await browser.get(url))
  const allow = async (page: Sight) => {
    const { location = "" } = await browser.submit(page, "/consent", { decision: "allow" })
    return new URL(location).searchParams.get("code") ?? ""
  }
  const loginOfGrant = async (clientId: string) => {
    const [grant] = await run(door.native.grants({ clientId }))
    return grant?._tag === "Open" && grant.basis._tag === "User" ? grant.basis.login : undefined
  }
  return { ...door, wire, asked, open, allow, loginOfGrant }
}

const errorIn = ({ location = "" }: Sight) =>
  location.startsWith(REDIRECT_URI) ? new URL(location).searchParams.get("error") : undefined

//= RFC9470-5-acr-necessary
describe("a pushed request", () => {
  test("has the login that it demands, whatever the address says besides", async () => {
    const at = await start([...standardFeatures, ...pushedRequests()])
    const app = await at.wire.newApp()
    const reference = await pushed(at.wire, app, { acr_values: "gold" })
    await at.allow(await at.open(openUrl(app.clientId, reference, { acr_values: "bronze", max_age: "99999999" })))
    expect(at.asked).toEqual([["gold"]])
    expect(await at.loginOfGrant(app.clientId)).toMatchObject({ acr: "gold" })
  })

  //= RFC9470-5-unmet
  test("that demands what no login here can have is refused when it is pushed", async () => {
    const at = await start([...standardFeatures, ...pushedRequests()])
    const app = await at.wire.newApp()
    const { status, body } = await push(at.wire, app, { acr_values: "platinum" })
    expect([status, body.error]).toEqual([400, "unmet_authentication_requirements"])
    const wrong = await push(at.wire, app, { max_age: "soon" })
    expect([wrong.status, wrong.body.error]).toEqual([400, "invalid_request"])
  })

  test("that demands a new login is opened by nobody's old one", async () => {
    const at = await start([...standardFeatures, ...pushedRequests()], { user: "maria", since: 1000, acr: "gold" })
    const app = await at.wire.newApp()
    await at.allow(await at.open(openUrl(app.clientId, await pushed(at.wire, app, { max_age: "60" }))))
    expect(at.asked).toHaveLength(1)
    expect(await at.loginOfGrant(app.clientId)).toMatchObject({ authTime: expect.any(Number) })
  })
})

//= RFC9470-5-acr-necessary
describe("a signed request", () => {
  const objectOf = (app: SigningClient, more: Readonly<Record<string, unknown>>) =>
    signedBy(app, { iss: app.clientId, aud: ISSUER, client_id: app.clientId, ...rightRequest(app), ...more })

  test("has the login that it demands, whatever the address says besides", async () => {
    const at = await start([...standardFeatures, signedRequests()])
    const app = await newSigningClient(at.wire)
    for (const more of [
      { acr_values: "gold", state: "1" },
      { max_age: 0, state: "2" },
    ]) {
      const before = at.asked.length
      const weaker = { request: await objectOf(app, more), acr_values: "bronze", max_age: "99999999" }
      await at.allow(await at.open(authorizeUrl(app.clientId, weaker)))
      expect(at.asked).toHaveLength(before + 1)
      expect(await at.loginOfGrant(app.clientId)).toMatchObject({ acr: "gold" })
    }
  })

  //= RFC9470-5-unmet
  test("that demands what no login here can have is told so", async () => {
    const at = await start([...standardFeatures, signedRequests()])
    const app = await newSigningClient(at.wire)
    const request = await objectOf(app, { acr_values: "platinum" })
    const page = await at.open(authorizeUrl(app.clientId, { request }))
    expect(errorIn(page) ?? page.text).toMatch(/unmet_authentication_requirements|bronze, gold/)
    expect(at.asked).toEqual([])
  })
})

//= RFC9470-6-token-says
test("at a FAPI 2.0 server a bound token says of the login what its pushed request demanded", async () => {
  const at = await start(fapi2Features())
  const app = await newSigningClient(at.wire, { token_endpoint_auth_method: "private_key_jwt" })
  let serial = 0
  const assertion = async () => {
    const iat = Math.floor(at.clock.now() / 1000)
    const claims = { iss: app.clientId, sub: app.clientId, aud: ISSUER, jti: `${serial++}`, iat, exp: iat + 60 }
    return {
      client_assertion_type: "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
      client_assertion: await signedBy(app, claims, "client-authentication+jwt"),
    }
  }
  const asked = { client_id: app.clientId, ...rightRequest(app), acr_values: "gold" }
  const { status, body } = await at.wire.post("/par", { ...asked, ...(await assertion()) })
  expect(status).toBe(201)
  const code = await at.allow(await at.open(openUrl(app.clientId, String(body["request_uri"]))))
  expect(at.asked).toEqual([["gold"]])
  const key = await newDpopKey()
  const proof = await key.proof("POST", `${ISSUER}/token`, { now: at.clock.now() })
  const grant = { grant_type: "authorization_code", code, code_verifier: PUSHED_VERIFIER, redirect_uri: REDIRECT_URI }
  const tokens = await at.wire.post("/token", { ...grant, ...(await assertion()) }, { dpop: proof })
  expect([tokens.status, tokens.body.token_type]).toEqual([200, "DPoP"])
  const access = await run(at.native.verify(tokens.body.access_token!))
  const { authTime } = (await at.loginOfGrant(app.clientId))!
  expect(access).toMatchObject({ acr: "gold", jkt: key.jkt, authTime: Math.floor(authTime / 1000) })
})
