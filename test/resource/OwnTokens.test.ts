/** A token that a client holds for itself has no subject for a resource server, whichever way that server asks. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { authInfoOf, oauthServerProvider, oauthTokenVerifier, oauthTokenVerifierV1 } from "../../src/mcp/index.ts"
import { toOAuthProvider } from "../../src/provider/index.ts"
import { introspectAt, momentNow } from "../../src/audit/index.ts"
import {
  inProcessVerifier,
  introspectionVerifier,
  protectResource,
  type VerifiedAccess,
  type Verifier,
} from "../../src/resource/index.ts"
import { addService, startSession, type Session } from "../support/Session.ts"
import { overAdapter, overMemory, overSqlite, type Factory } from "../support/TestServer.ts"
import { RESOURCE } from "../support/WireClient.ts"

const run = Effect.runPromise

/** What is known of a token: everything that may name a subject, wherever it stands. */
type Known = Readonly<Record<string, unknown>> | undefined | null

const inProcess = ({ native }: Session): Verifier => inProcessVerifier({ verify: (token) => run(native.verify(token)) })

const introspecting = ({ url, watcher }: Session): Verifier =>
  introspectionVerifier({
    introspectionEndpoint: `${url}/introspect`,
    clientId: watcher.clientId,
    clientSecret: watcher.clientSecret!,
    now: () => 0,
  })

/** What the handler behind `protectResource` is given. */
const letIn = async (verifier: Verifier, token: string): Promise<Known> => {
  const api = protectResource({ verifier, resource: RESOURCE, authorizationServers: ["http://localhost:4000"] })
  let seen: VerifiedAccess | undefined
  const handle = api.fetch((_, access) => {
    seen = access
    return new Response()
  })
  await handle(new Request(RESOURCE, { headers: { authorization: `Bearer ${token}` } }))
  return seen === undefined ? undefined : { ...seen, ...authInfoOf(seen).extra }
}

const ways: Readonly<Record<string, (session: Session, token: string) => Promise<Known>>> = {
  "asking in process": async (session, token) => ({ ...(await inProcess(session).verify(token)) }),
  "asking in process, at once": async ({ native }, token) => ({ ...native.verifySync(token) }),
  "the answer of introspection": async ({ wire, watcher }, token) => (await wire.introspect(watcher, token)).body,
  "asking by introspection": async (session, token) => ({ ...(await introspecting(session).verify(token)) }),
  "a protected resource, in process": (session, token) => letIn(inProcess(session), token),
  "a protected resource, by introspection": (session, token) => letIn(introspecting(session), token),
  "the ten methods": async ({ native }, token) => ({ ...(await toOAuthProvider(native).verifyToken(token)) }),
  "the audit": async ({ store, native }, token) => {
    const moment = await run(momentNow(store, native.now()))
    return { ...(await run(introspectAt(store, token, moment))).answer }
  },
  ...Object.fromEntries(
    [oauthTokenVerifierV1, oauthTokenVerifier].flatMap((make) =>
      [inProcess, introspecting].map((verifierOf) => [
        `${make.name} over ${verifierOf.name}`,
        async (session: Session, token: string) => {
          const { verifyAccessToken } = await make({ verifier: verifierOf(session), resource: RESOURCE })
          const { extra, ...info } = await verifyAccessToken(token)
          return { ...info, ...extra }
        },
      ]),
    ),
  ),
}

const cases: ReadonlyArray<readonly [way: string, through: string, factory: Factory]> = Object.keys(ways).flatMap(
  (way) =>
    [overMemory, overSqlite, ...(way.includes("introspection") ? [overAdapter] : [])].map(
      (factory) => [way, factory.name, factory] as const,
    ),
)

//= OAUTH21-7.4-sub-namespace
test.each(cases)("a client's own token has no subject, a person's has: %s, %s", async (way, _, factory) => {
  const session = await startSession(factory)
  const { native, wire, app } = session
  const { clientId, clientSecret } = await addService({ native })
  const credentials = { clientId, clientSecret: clientSecret! }
  const { access_token } = await run(native.issueToken({ credentials, resource: [RESOURCE] }))
  const own = await ways[way]!(session, access_token)
  expect(Object.values(own ?? {})).toContain(clientId)
  expect(own).not.toHaveProperty("subject")
  expect(own).not.toHaveProperty("sub")

  const { access } = await wire.login(app, { resource: RESOURCE })
  const persons = await ways[way]!(session, access)
  expect(persons?.["subject"] ?? persons?.["sub"]).toMatch(/^sub_/)
})

test("the SDK's provider gives a client's own token no subject", async () => {
  const session = await startSession(overMemory, { config: { issuer: "http://localhost:4000/" } })
  const provider = await oauthServerProvider(session.native, { resource: RESOURCE, approve: () => "alice" })
  const { clientId, clientSecret } = await addService(session)
  const credentials = { clientId, clientSecret: clientSecret! }
  const { access_token } = await run(session.native.issueToken({ credentials, resource: [RESOURCE] }))
  const { extra, ...info } = await provider.verifyAccessToken(access_token)
  expect(info.clientId).toBe(clientId)
  expect(extra).toEqual({})
})

test("a server that names the client as the subject of its own token is not believed to name a person", async () => {
  const answering = (sub: string): Verifier =>
    introspectionVerifier({
      introspectionEndpoint: "https://id.example.com/introspect",
      clientId: "rs",
      clientSecret: "secret",
      fetch: async () => Response.json({ active: true, client_id: "robot", sub, aud: RESOURCE }),
    })
  const own = await answering("robot").verify("t")
  expect(own).not.toHaveProperty("subject")
  expect(own!.claims).not.toHaveProperty("sub")
  expect(authInfoOf(own!).extra).not.toHaveProperty("sub")
  expect(authInfoOf((await answering("alice").verify("t"))!).extra).toMatchObject({ sub: "alice" })
})
