/** Whatever a host is given by the server, and does to it, the next one is told what is so. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { toOAuthProvider, type OAuthClientInformationFull } from "../../src/provider/index.ts"
import { serverOver } from "../support/TestServer.ts"
import { REDIRECT_URI, RESOURCE, challengeOf } from "../support/WireClient.ts"

const run = Effect.runPromise
const SUBJECT = "sub_somebody"
const VERIFIER = "a-verifier-that-is-long-enough-for-anybody-here"

/** Empties and overwrites whatever can be, at every depth. */
const spoil = (value: unknown): void => {
  if (typeof value !== "object" || value === null) return
  for (const [name, member] of Object.entries(value)) {
    spoil(member)
    Reflect.set(value, name, "spoiled")
  }
  Reflect.set(value, "length", 0)
  Reflect.set(value, "more", "spoiled")
}

const standing = async () => {
  const { native } = await serverOver({ config: { scopes: ["read", "write"], resources: [RESOURCE] } })
  const metadata = {
    redirect_uris: [REDIRECT_URI],
    grant_types: ["authorization_code", "refresh_token"],
    scope: "read",
  }
  const app = await run(native.addClient({ metadata }))
  const service = await run(native.addClient({ metadata: { redirect_uris: [], grant_types: [] }, audience: RESOURCE }))
  spoil(metadata)
  const [clientId, clientSecret] = [app.client_id, app.client_secret!]
  const asked = {
    clientId,
    request: {
      redirectUri: REDIRECT_URI,
      redirectUriProvidedExplicitly: true,
      codeChallenge: challengeOf(VERIFIER),
      jkt: null,
    },
    scopes: ["read"],
    resources: [RESOURCE],
  }
  const approval = { _tag: "User" as const, subjectId: SUBJECT, approvedAt: native.now() }
  const opening = structuredClone({ ...asked, approval })
  const { code, grantId } = await run(native.openGrant(opening))
  spoil(opening)
  const credentials = { clientId, clientSecret }
  const tokens = await run(native.redeemCode({ credentials, code, codeVerifier: VERIFIER, redirectUri: REDIRECT_URI }))
  const watcher = { clientId: service.client_id, clientSecret: service.client_secret! }
  return {
    native,
    app,
    asked,
    credentials,
    watcher,
    code,
    grantId,
    access: tokens.access_token,
    refresh: tokens.refresh_token!,
  }
}

type Standing = Awaited<ReturnType<typeof standing>>

const told: Readonly<Record<string, (standing: Standing) => unknown>> = {
  findClient: ({ native, app }) => run(native.findClient(app.client_id)),
  authenticateClient: ({ native, credentials }) => run(native.authenticateClient(credentials)),
  client: ({ native, app }) => run(native.client(app.client_id)),
  clients: ({ native }) => run(native.clients()),
  preview: ({ native, asked }) => run(native.preview(asked)),
  "preview of all there is": ({ native, asked }) => run(native.preview({ ...asked, scopes: null, resources: [] })),
  grant: ({ native, grantId }) => run(native.grant(grantId)),
  grants: ({ native }) => run(native.grants({ subjectId: SUBJECT })),
  connections: ({ native }) => run(native.connections(SUBJECT)),
  loadCode: ({ native, app, code }) => run(native.loadCode(app.client_id, code)),
  loadRefreshToken: ({ native, app, refresh }) => run(native.loadRefreshToken(app.client_id, refresh)),
  verify: ({ native, access }) => run(native.verify(access)),
  verifySync: ({ native, access }) => native.verifySync(access),
  introspect: ({ native, watcher, access }) => run(native.introspect(watcher, access)),
}

test.each(Object.entries(told))("what %s tells one cannot be changed for the next one", async (_, tell) => {
  const stood = await standing()
  const first = await tell(stood)
  expect(first).toEqual(expect.anything())
  const before = structuredClone(first)
  spoil(first)
  expect(await tell(stood)).toEqual(before)
  for (const other of Object.values(told)) expect(JSON.stringify(await other(stood))).not.toContain("spoiled")
})

test("what a client is told when it is registered, changed or given a secret is nobody else's", async () => {
  const { native } = await standing()
  const metadata = { redirect_uris: [REDIRECT_URI], client_name: "an app" }
  const known = async (told: OAuthClientInformationFull) => {
    const { client_id } = told
    spoil(told)
    expect(await run(native.client(client_id))).toMatchObject({ metadata })
    return client_id
  }
  await known(await run(native.registerClient(metadata)))
  const id = await known(await run(native.addClient({ metadata })))
  await known(await run(native.updateClient(id, metadata)))
  await known(await run(native.rotateClientSecret(id)))
})

test("what a policy is shown of a request is not what there is to ask for", async () => {
  const { native, app } = await standing()
  const seen: Array<unknown> = []
  const provider = toOAuthProvider(native, {
    approve: (client, params) => {
      seen.push(structuredClone([client, params.scopes, params.resource]))
      spoil(client)
      spoil(params)
      return "somebody"
    },
  })
  const params = {
    codeChallenge: challengeOf(VERIFIER),
    redirectUri: REDIRECT_URI,
    redirectUriProvidedExplicitly: true,
  }
  for (let count = 0; count < 2; count++) {
    const client = (await provider.getClient(app.client_id))!
    await provider.authorize(client, { ...params }).catch(() => {})
  }
  expect(seen[1]).toEqual(seen[0])
})
