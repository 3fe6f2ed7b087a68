/** The rules of what an operator does: whatever ends or suspends, no token of it is answered active from then on. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import type { SubjectId } from "../../src/core/index.ts"
import { startSession, type Session } from "../support/Session.ts"
import { overMemory, overSqlite } from "../support/TestServer.ts"
import { REDIRECT_URI, RESOURCE, challengeOf, newVerifier } from "../support/WireClient.ts"

const run = Effect.runPromise

const loggedIn = async (factory = overMemory) => {
  const session = await startSession(factory)
  const tokens = await session.wire.login(session.app, { resource: RESOURCE })
  const [grant] = await run(session.native.grants({ clientId: session.app.clientId }))
  if (grant?._tag !== "Open") throw new Error("no open grant")
  return { ...session, ...tokens, grantId: grant.grantId, subjectId: grant.subjectId as SubjectId }
}

type LoggedIn = Awaited<ReturnType<typeof loggedIn>>

const isAlive = async (
  { wire, app, watcher }: Session,
  tokens: { readonly access: string; readonly refresh: string },
) => {
  const [isActive, refreshed] = [await wire.isActive(watcher, tokens.access), await wire.refresh(app, tokens.refresh)]
  return [isActive, refreshed.status]
}

const ends: Readonly<Record<string, (session: LoggedIn) => Promise<void>>> = {
  "the operator revokes the grant": ({ native, grantId }) => run(native.revokeGrant(grantId, "operator")),
  "its subject revokes the grant": ({ native, grantId, subjectId }) => run(native.revokeGrant(grantId, subjectId)),
  "the subject's sessions are revoked": ({ native, subjectId }) => run(native.revokeSubjectSessions(subjectId)),
  "the subject is disabled": ({ native, subjectId }) => run(native.disableSubject(subjectId)),
  "the client is deleted": ({ native, app }) => run(native.deleteClient(app.clientId)),
  "the issuer's epoch is raised": ({ native }) => run(native.raiseIssuerEpoch("a backup was restored")),
}

for (const factory of [overMemory, overSqlite]) {
  //= RFC7662-4-all-state-checks
  //= OAUTH21-4.3.1-rt-grant-active
  //= A48
  test.each(Object.entries(ends))(`%s: nothing of the grant is alive, ${factory.name}`, async (_, end) => {
    const session = await loggedIn(factory)
    expect(await session.wire.isActive(session.watcher, session.access)).toBe(true)
    await end(session)
    const [isActive, status] = await isAlive(session, session)
    expect(isActive).toBe(false)
    expect(status).toBeGreaterThanOrEqual(400)
    expect(session.native.verifySync(session.access)).toBeUndefined()
  })
}

test("a grant is not revoked by somebody else's subject", async () => {
  const session = await loggedIn()
  const { subjectId } = await run(session.native.accounts.ensure("mallory", 1))
  await run(Effect.ignore(session.native.revokeGrant(session.grantId, subjectId)))
  expect(await isAlive(session, session)).toEqual([true, 200])
})

test("a disabled subject gets no code until it is enabled, and what was ended stays so", async () => {
  const { wire, app, watcher, native, subjectId, access } = await loggedIn()
  await run(native.disableSubject(subjectId))
  expect(await run(native.isSubjectDisabled(subjectId))).toBe(true)
  const denied = await wire.authorize(app)
  expect(denied.headers.get("location")).toContain("error=access_denied")
  await run(native.enableSubject(subjectId))
  expect(await wire.isActive(watcher, access)).toBe(false)
  expect((await wire.authorize(app)).headers.get("location")).toContain("code=")
})

test("a disabled client is suspended, and resumes", async () => {
  const session = await loggedIn()
  await run(session.native.disableClient(session.app.clientId))
  expect((await isAlive(session, session))[0]).toBe(false)
  await run(session.native.enableClient(session.app.clientId))
  expect(await isAlive(session, session)).toEqual([true, 200])
})

test("after a rotation the old secret is wrong and the new one right, and grants go on", async () => {
  const { wire, native } = await startSession()
  const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
  const { refresh } = await wire.login(app)
  const { client_secret: clientSecret } = await run(native.rotateClientSecret(app.clientId))
  expect((await wire.refresh(app, refresh)).status).toBe(401)
  expect((await wire.refresh({ ...app, clientSecret: clientSecret! }, refresh)).status).toBe(200)
})

test("a secret that replaces one with an end ends as late, counted from then", async () => {
  const { wire, native, clock } = await startSession(overMemory, { config: { clientSecretLifetime: 1000 } })
  const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
  const { refresh } = await wire.login(app)
  clock.pass(600)
  const { client_secret: clientSecret } = await run(native.rotateClientSecret(app.clientId))
  const rotated = { ...app, clientSecret: clientSecret! }
  clock.pass(999)
  const second = await wire.refreshed(rotated, refresh)
  clock.pass(1)
  expect((await wire.refresh(rotated, second.refresh)).status).toBe(401)
})

test("what remains of a token is told in whole seconds, never more than there are", async () => {
  const { wire, app, clock } = await startSession(overMemory, { config: { lifetimes: { grant: 5 } } })
  const { refresh } = await wire.login(app)
  clock.pass(2.5)
  expect((await wire.refreshed(app, refresh)).body.expires_in).toBe(2)
})

test("an update is shown from then on, and a redirect URI that it took away gets no code", async () => {
  const { wire, native, app } = await startSession()
  const metadata = { redirect_uris: ["http://127.0.0.1/new"], token_endpoint_auth_method: "none" }
  await run(native.updateClient(app.clientId, metadata))
  expect((await run(native.findClient(app.clientId)))?.redirect_uris).toEqual(["http://127.0.0.1/new"])
  expect((await wire.authorize(app)).status).toBe(400)
})

test("a request is answered once: what was denied is not approved, what was approved is not denied", async () => {
  const { native, app } = await startSession()
  const { subjectId } = await run(native.accounts.ensure("alice", 1))
  const clientId = app.clientId as Parameters<typeof native.denyGrant>[0]["clientId"]
  const deny = (grantId: Parameters<typeof native.denyGrant>[0]["grantId"]) =>
    run(native.denyGrant({ grantId, clientId, subjectId, redirectUri: REDIRECT_URI }))
  const open = (grantId?: Parameters<typeof native.denyGrant>[0]["grantId"]) =>
    run(
      native.openGrant({
        clientId,
        approval: { _tag: "User", subjectId, approvedAt: 1 as never },
        request: {
          redirectUri: REDIRECT_URI as never,
          redirectUriProvidedExplicitly: true,
          codeChallenge: challengeOf(newVerifier()) as never,
          jkt: null,
        },
        scopes: null,
        resources: [],
        ...(grantId === undefined ? {} : { grantId }),
      }),
    )
  const answered = { error: "invalid_request" }
  const { grantId } = await open()
  await expect(open(grantId)).rejects.toMatchObject(answered)
  await expect(deny(grantId)).rejects.toMatchObject(answered)
  const unanswered = "D".repeat(22) as typeof grantId
  await deny(unanswered)
  await expect(open(unanswered)).rejects.toMatchObject(answered)
  await expect(deny(unanswered)).rejects.toMatchObject(answered)
})

//= OAUTH21-7.9-user-can-revoke
test("clients and grants are listed page by page", async () => {
  const { native, wire, app } = await startSession()
  for (let count = 0; count < 5; count++) await wire.authorize(app)
  const ids = new Set<string>()
  let after: string | undefined
  for (;;) {
    const page = await run(
      native.grants({ clientId: app.clientId }, { limit: 2, ...(after === undefined ? {} : { after }) }),
    )
    if (page.length === 0) break
    expect(page.length).toBeLessThanOrEqual(2)
    for (const grant of page) if (grant._tag === "Open") ids.add((after = grant.grantId))
  }
  expect(ids.size).toBe(5)
  expect(await run(native.clients({ limit: 1 }))).toHaveLength(1)
  expect(await run(native.clients())).toHaveLength(2)
})

test("a disabled subject is signed out of every browser, and enabling signs nobody in again", async () => {
  const { native } = await loggedIn()
  const { subjectId } = (await run(native.accounts.add("bob", "a long enough password", native.now())))!
  const standing = (await run(native.accounts.standing("bob")))!
  const { id } = (await run(native.sessions.open(standing, native.now())))!
  await run(native.disableSubject(subjectId))
  await run(native.enableSubject(subjectId))
  expect(await run(native.sessions.find(id, native.now()))).toBeUndefined()
})
