/** Two protocol features of somebody's own, each in one file: they are in the metadata, registered, answered and judged. */
import { Effect } from "effect"
import { join } from "node:path"
import { describe, expect, it, onTestFinished } from "vitest"
import { checkIssuer } from "../../../properties/kit/issuer/checkIssuer.ts"
import { rules } from "../../../properties/kit/issuer/rules/index.ts"
import { tellFinding } from "../../../properties/random/Story.ts"
import { trySystem } from "../../../properties/random/Random.ts"
import {
  authorizationServer,
  createHandler,
  ephemeralKeys,
  memoryStore,
  sqliteStore,
  standardFeatures,
} from "../../../src/entry/grantlog.ts"
import type { Fetch } from "../../../src/outbound/index.ts"
import { httpSystem, WATCHED } from "../../support/systems/Http.ts"
import { configFor, running } from "../../support/systems/Running.ts"
import { startSession, type Session } from "../../support/Session.ts"
import {
  ACCOUNT,
  generousLimits,
  ISSUER,
  overMemory,
  overSqlite,
  serve,
  serverOver,
  temporaryFolder,
} from "../../support/TestServer.ts"
import { RESOURCE, wireClient, type App, type WireClient } from "../../support/WireClient.ts"
import { slipMode } from "./slipMode.ts"
import { TICKET_GRANT, ticketGrant, ticketOf } from "./ticketGrant.ts"

const KEY = "what the box office signs with"
const features = [...standardFeatures, ticketGrant(KEY), slipMode]
const config = { registrationGrants: ["authorization_code", "refresh_token", TICKET_GRANT] }
const stores = [overMemory, overSqlite]

const start = (factory = overMemory): Promise<Session> => startSession(factory, { features, config })

const holderOf = ({ native }: Pick<Session, "native">) =>
  Effect.runPromise(native.accounts.ensure(ACCOUNT, native.now())).then(({ subjectId }) => subjectId)

const newTicket = async (session: Pick<Session, "native">, number = "1") =>
  ticketOf({ number, holder: await holderOf(session), goodUntil: session.native.now() + 60_000 }, KEY)

const newHolder = (wire: WireClient): Promise<App> =>
  wire.newApp({
    token_endpoint_auth_method: "client_secret_basic",
    grant_types: [TICKET_GRANT],
    redirect_uris: ["http://127.0.0.1/callback"],
  })

const show = (wire: WireClient, app: App, ticket: string, form: Readonly<Record<string, string>> = {}) =>
  wire.token(app, { grant_type: TICKET_GRANT, ...form }, { "x-ticket": ticket })

describe.each(stores)("a grant type in a file of its own, $name", (factory) => {
  it("is in the metadata with what it adds, as long as it is in the list", async () => {
    const metadata = async (session: Session) =>
      (await session.wire.get("/.well-known/oauth-authorization-server")).body
    const [on, off] = [await metadata(await start(factory)), await metadata(await startSession(factory))]
    expect(on["grant_types_supported"]).toEqual([
      "authorization_code",
      "refresh_token",
      "client_credentials",
      TICKET_GRANT,
    ])
    expect(on["response_modes_supported"]).toEqual(["query", "example_slip"])
    expect(on["ticket_header"]).toBe("x-ticket")
    expect(off["grant_types_supported"]).not.toContain(TICKET_GRANT)
    expect(off).not.toHaveProperty("ticket_header")
  })

  it("is registered for by clients that it does not object to, and answered to nobody else", async () => {
    const session = await start(factory)
    const { wire, app } = session
    const refused = await wire.register({
      redirect_uris: [],
      grant_types: [TICKET_GRANT],
      token_endpoint_auth_method: "none",
    })
    expect(refused.status).toBe(400)
    expect(refused.body.error_description).toBe(`a client that uses ${TICKET_GRANT} needs a secret`)
    const known = await show(wire, app, await newTicket(session))
    expect([known.status, known.body.error]).toEqual([400, "unauthorized_client"])
    const plain = await startSession(factory)
    const unknown = await show(plain.wire, plain.app, await newTicket(plain))
    expect([unknown.status, unknown.body.error]).toEqual([400, "unsupported_grant_type"])
  })

  it("gives a token for whom it stands for, by the policy that the log names", async () => {
    const session = await start(factory)
    const { wire, native, watcher } = session
    const holder = await newHolder(wire)
    const { status, body } = await show(wire, holder, await newTicket(session), { resource: RESOURCE })
    expect(status).toBe(200)
    expect(body).not.toHaveProperty("refresh_token")
    const { body: seen } = await wire.introspect(watcher, body.access_token!)
    expect(seen).toMatchObject({
      active: true,
      client_id: holder.clientId,
      sub: await holderOf(session),
      aud: RESOURCE,
    })
    const [grant] = await Effect.runPromise(native.grants({ clientId: holder.clientId }))
    expect(grant).toMatchObject({ basis: { _tag: "Policy", policy: "box office" } })
  })

  it("uses a ticket up once: of eight who show it at once one gets a token, the others its refusal", async () => {
    const session = await start(factory)
    const { wire, native } = session
    const holder = await newHolder(wire)
    const ticket = await newTicket(session)
    const answers = await Promise.all(Array.from({ length: 8 }, () => show(wire, holder, ticket)))
    expect(answers.map(({ status }) => status).toSorted()).toEqual([200, ...Array(7).fill(400)])
    const refusals = answers.filter(({ status }) => status === 400).map(({ body }) => body)
    expect(new Set(refusals.map(({ error, error_description }) => `${error}: ${error_description}`))).toEqual(
      new Set(["invalid_grant: the ticket was used before"]),
    )
    expect(await Effect.runPromise(native.grants({ clientId: holder.clientId }))).toHaveLength(1)
    expect((await show(wire, holder, await newTicket(session, "2"))).status).toBe(200)
  })

  it("keeps a ticket for who did not prove to be the client, and uses it up in a request that is refused for itself", async () => {
    const session = await start(factory)
    const { wire } = session
    const holder = await newHolder(wire)
    const ticket = await newTicket(session)
    const wrong = await show(wire, { ...holder, clientSecret: "wrong-wrong-wrong-wrong" }, ticket)
    expect([wrong.status, wrong.body.error]).toEqual([401, "invalid_client"])
    const elsewhere = await show(wire, holder, ticket, { scope: "unknown" })
    expect([elsewhere.status, elsewhere.body.error]).toEqual([400, "invalid_scope"])
    const again = await show(wire, holder, ticket)
    expect(again.body.error_description).toBe("the ticket was used before")
  })
})

it("a ticket that was used is used after a restart too, and for another instance on the same file", async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const keys = ephemeralKeys()
  const open = () => {
    const store = sqliteStore(file)
    onTestFinished(() => Effect.runPromise(store.close))
    return serverOver({ store, keys, features, config })
  }
  const first = await open()
  const one = wireClient(await serve(first.native, { endpoints: { limits: generousLimits } }))
  const holder = await newHolder(one)
  const ticket = await newTicket(first)
  expect((await show(one, holder, ticket)).status).toBe(200)
  const second = await open()
  const other = wireClient(await serve(second.native, { endpoints: { limits: generousLimits } }))
  expect((await show(other, holder, ticket)).body.error_description).toBe("the ticket was used before")
  const next = await newTicket(first, "next")
  const both = await Promise.all([one, other, one, other].map((wire) => show(wire, holder, next)))
  expect(both.map(({ status }) => status).toSorted()).toEqual([200, 400, 400, 400])
  await Effect.runPromise(first.store.close)
  await Effect.runPromise(second.store.close)
  const third = await open()
  const later = wireClient(await serve(third.native, { endpoints: { limits: generousLimits } }))
  expect((await show(later, holder, next)).body.error_description).toBe("the ticket was used before")
})

describe("a response mode in a file of its own", () => {
  it("brings the answer its way, code and error alike, and the query to who did not ask for it", async () => {
    const { wire, app } = await start()
    const answer = await wire.authorize(app, { response_mode: "example_slip", state: "s" })
    expect(answer.status).toBe(200)
    expect(answer.headers.get("location")).toBeNull()
    const slip = new URLSearchParams(/<pre>(.*)<\/pre>/.exec(answer.text)![1]!.replaceAll("&#38;", "&"))
    expect([slip.get("state"), slip.get("iss")]).toEqual(["s", ISSUER])
    const bad = await wire.authorize(app, { response_mode: "example_slip", response_type: "token" })
    expect(bad.text).toContain("error=unsupported_response_type")
    expect((await wire.authorize(app)).status).toBe(303)
  })

  it("is one of those that there are", async () => {
    const { wire, app } = await start()
    const { headers } = await wire.authorize(app, { response_mode: "fragment" })
    const location = new URL(headers.get("location")!)
    expect(location.searchParams.get("error_description")).toBe("response_mode is not query or example_slip")
  })
})

describe("a server with features of somebody's own", () => {
  it("is found to keep what the issuer's check can see", async () => {
    const server = await authorizationServer({
      store: memoryStore(),
      keys: ephemeralKeys(),
      features,
      onNotice: () => {},
      config: { issuer: ISSUER, tokenRate: "off", registrationRate: "off", autoApprove: ACCOUNT, ...config },
    })
    const handle = createHandler(server, { limits: generousLimits, sourceOf: () => "127.0.0.1" })
    const ask: Fetch = (input, init) => handle(new Request(input, init))
    const report = await checkIssuer(ISSUER, {
      fetch: ask,
      resources: ["http://localhost:9998/mcp", RESOURCE],
      only: [...rules.map(({ id }) => id), "CodeIsSingleUse", "BoundMeansBound"],
    })
    expect(report.results.filter(({ verdict }) => verdict === "broken")).toEqual([])
    expect(report.results.some(({ verdict }) => verdict === "kept")).toBe(true)
  })

  it("agrees with the model in any sequence of operations", async () => {
    const server = await overMemory.start({
      features,
      config: {
        ...configFor(WATCHED),
        registrationGrants: [
          ...(configFor(WATCHED).registrationGrants ?? ["authorization_code", "refresh_token"]),
          TICKET_GRANT,
        ],
      },
    })
    const factory = await httpSystem({ name: "with features", isTenMethods: false }, server, running(server))
    const { finding } = await trySystem(factory, { seed: 1, sequenceCount: 6 })
    expect(finding === undefined ? [] : tellFinding("with features", finding)).toEqual([])
  })
})
