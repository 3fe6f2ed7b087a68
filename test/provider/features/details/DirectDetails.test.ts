/** Authorization details where nobody is asked: of a token that is exchanged, and of a client that acts for itself. */
import { Effect } from "effect"
import { decodeJwt } from "jose"
import { describe, expect, it } from "vitest"
import {
  authorizationDetails,
  deviceGrant,
  exchangeRules,
  idJag,
  jwtAccessTokens,
  standardFeatures,
  tokenExchange,
  type ExchangeRule,
} from "../../../../src/entry/grantlog.ts"
import { identityProvider } from "../../../support/IdentityProvider.ts"
import { addService, startSession } from "../../../support/Session.ts"
import { overMemory, overSqlite, type Setting } from "../../../support/TestServer.ts"
import { RESOURCE, type App } from "../../../support/WireClient.ts"

const EXCHANGE = "urn:ietf:params:oauth:grant-type:token-exchange"
const JWT_BEARER = "urn:ietf:params:oauth:grant-type:jwt-bearer"
const DEVICE = "urn:ietf:params:oauth:grant-type:device_code"
const ACCESS_TOKEN = "urn:ietf:params:oauth:token-type:access_token"
const run = Effect.runPromise

const files = { type: "files", actions: ["read", "write"], folder: "/notes" }
const payment = { type: "payment", creditor: "Merchant A" }
const types = authorizationDetails({
  files: {
    members: { actions: { kind: "texts", values: ["read", "write", "delete"] }, folder: { kind: "text" } },
    words: "{actions} files in {folder}",
  },
  payment: { members: { creditor: { kind: "text" } }, words: "pay {creditor}" },
})
const details = (...list: ReadonlyArray<unknown>) => ({ authorization_details: JSON.stringify(list) })

const scene = async (
  rules: ReadonlyArray<Omit<ExchangeRule, "client">> = [],
  setting: Setting = {},
  way = overMemory,
) => {
  const idp = await identityProvider()
  const issuers = [{ issuer: idp.issuer, jwks: idp.jwks }]
  const rulesFor: Array<ExchangeRule> = []
  const features = [
    ...standardFeatures,
    ...types,
    tokenExchange({ policy: (asked) => exchangeRules(rulesFor)(asked), issuers }),
    idJag({ issuers }),
    ...deviceGrant(),
    jwtAccessTokens({ resources: "all" }),
  ]
  const session = await startSession(way, { features, ...setting })
  const serviceFor = (metadata: Readonly<Record<string, unknown>> = {}): Promise<App> =>
    addService(session, { grant_types: [EXCHANGE, JWT_BEARER, DEVICE, "client_credentials"], ...metadata })
  const service = await serviceFor()
  const reader = await serviceFor({ authorization_details_types: ["files"] })
  rulesFor.push(...[service, reader].flatMap(({ clientId }) => rules.map((rule) => ({ client: clientId, ...rule }))))
  const first = () => session.wire.login(session.app, { resource: RESOURCE, ...details(files, payment) })
  const exchanging = (app: App, token: string, form: Readonly<Record<string, string>> = {}) =>
    session.wire.token(app, { grant_type: EXCHANGE, subject_token: token, subject_token_type: ACCESS_TOKEN, ...form })
  return { ...session, idp, serviceFor, service, reader, first, exchanging }
}

const anybodys = [{}]

describe.each([overMemory, overSqlite])("a token that is exchanged, $name", (way) => {
  //= RFC9396-7-return-granted
  //= RFC9396-9.1-jwt
  //= RFC9396-9.2-introspection
  it("allows what the first one did, or what is asked for of it, and says so everywhere", async () => {
    const { wire, watcher, native, service, first, exchanging } = await scene(anybodys, {}, way)
    const { access } = await first()
    for (const [form, left] of [
      [{}, [files, payment]],
      [details({ ...files, actions: ["read"] }), [{ ...files, actions: ["read"] }]],
    ] as const) {
      const { status, body } = await exchanging(service, access, form)
      expect([status, body["authorization_details"]]).toEqual([200, left])
      const token = body.access_token!
      expect(decodeJwt(token)["authorization_details"]).toEqual(left)
      expect((await wire.introspect(watcher, token)).body["authorization_details"]).toEqual(left)
      expect(await run(native.verify(token))).toMatchObject({ authorizationDetails: left })
      const again = await exchanging(service, token)
      expect(again.body["authorization_details"]).toEqual(left)
    }
  })

  //= RFC9396-6-narrowing
  it("never allows more than the first one", async () => {
    const { service, first, exchanging, wire, app } = await scene(anybodys, {}, way)
    const { access } = await first()
    const plain = await wire.login(app, { resource: RESOURCE })
    for (const [token, asked] of [
      [access, details({ ...files, actions: ["read", "delete"] })],
      [access, details({ ...payment, creditor: "Merchant B" })],
      [access, details(files, { type: "unheard" })],
      [access, { authorization_details: "all" }],
      [plain.access, details(files)],
    ] as const) {
      const { status, body } = await exchanging(service, token, asked)
      expect([asked, status, body.error]).toEqual([asked, 400, "invalid_authorization_details"])
    }
    expect((await exchanging(service, plain.access)).body).not.toHaveProperty("authorization_details")
  })
})

it("a client that registered for types is left those alone of a token, and is refused others", async () => {
  const { reader, first, exchanging } = await scene(anybodys)
  const { access } = await first()
  expect((await exchanging(reader, access)).body["authorization_details"]).toEqual([files])
  expect((await exchanging(reader, access, details(payment))).body.error).toBe("invalid_authorization_details")
})

it("a rule leaves the types that it names, and no others for the asking", async () => {
  const { service, first, exchanging } = await scene([{ detailTypes: ["payment"] }])
  const { access } = await first()
  expect((await exchanging(service, access)).body["authorization_details"]).toEqual([payment])
  expect((await exchanging(service, access, details(files))).body.error).toBe("invalid_authorization_details")
  const none = await scene([{ detailTypes: [] }])
  const { body } = await none.exchanging(none.service, (await none.first()).access)
  expect([body.error, "authorization_details" in body]).toEqual([undefined, false])
})

describe("a client that acts for itself", () => {
  const grant = { grant_type: "client_credentials", resource: RESOURCE }

  //= RFC9396-7-return-granted
  it("gets details of the types that the operator registered it for", async () => {
    const { wire, watcher, serviceFor } = await scene()
    const app = await serviceFor({ authorization_details_types: ["files", "payment"] })
    const { status, body } = await wire.token(app, { ...grant, ...details(files) })
    expect([status, body["authorization_details"]]).toEqual([200, [files]])
    const seen = await wire.introspect(watcher, body.access_token!)
    expect(seen.body).toMatchObject({ active: true, authorization_details: [files] })
    expect((await wire.token(app, grant)).body).not.toHaveProperty("authorization_details")
  })

  //= RFC9396-5-unknown-type
  it("is refused details of types that it is not registered for, or that are unknown or not as they should be", async () => {
    const { wire, service, serviceFor } = await scene()
    const app = await serviceFor({ authorization_details_types: ["files"] })
    for (const [who, asked] of [
      [service, details(files)],
      [app, details(files, payment)],
      [app, details({ type: "unheard" })],
      [app, details({ ...files, folder: 7 })],
      [app, { authorization_details: "[" }],
    ] as const) {
      const { status, body } = await wire.token(who, { ...grant, ...asked })
      expect([asked, status, body.error]).toEqual([asked, 400, "invalid_authorization_details"])
    }
  })

  it("has no details from a server that knows no types, nor where it registered itself", async () => {
    const plain = await startSession()
    const refused = await plain.wire.token(await addService(plain), { ...grant, ...details(files) })
    expect([refused.status, refused.body.error]).toEqual([400, "invalid_authorization_details"])
    const { wire } = await scene([], {
      config: { registrationGrants: ["authorization_code", "refresh_token", "client_credentials"] },
    })
    const stranger = await wire.newApp({
      grant_types: ["client_credentials"],
      redirect_uris: [],
      response_types: [],
      token_endpoint_auth_method: "client_secret_basic",
      authorization_details_types: ["files"],
    })
    expect((await wire.token(stranger, grant)).status).toBe(200)
    expect((await wire.token(stranger, { ...grant, ...details(files) })).body.error).toBe(
      "invalid_authorization_details",
    )
  })
})

it("details are refused, and not left out, where a request of its kind cannot have them", async () => {
  const { wire, service, idp, native } = await scene(anybodys)
  const seconds = Math.floor(native.now() / 1000)
  const claims = { sub: "U1", aud: native.settings.issuer, client_id: service.clientId, jti: "one" }
  const signed = (typ: string) => idp.sign({ ...claims, iat: seconds, exp: seconds + 60 }, { typ })
  const asked = [
    { grant_type: JWT_BEARER, assertion: await signed("oauth-id-jag+jwt") },
    { grant_type: EXCHANGE, subject_token: await signed("at+jwt"), subject_token_type: ACCESS_TOKEN },
    { grant_type: DEVICE, device_code: "gld_nothing" },
  ]
  for (const form of asked) {
    const { status, body } = await wire.token(service, { ...form, ...details(files) })
    expect([form.grant_type, status, body.error]).toEqual([form.grant_type, 400, "invalid_authorization_details"])
  }
  const device = await wire.asApp("/device_authorization")(service, details(files))
  expect([device.status, device.body.error]).toEqual([400, "invalid_authorization_details"])
})
