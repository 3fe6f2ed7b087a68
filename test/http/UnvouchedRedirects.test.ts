/**
 * RFC 9700 4.11.2: nobody vouches for a site that registered itself, so a bare link sends no browser there, signed in or
 * not. The operator vouches for what it added, a person for what they approved, and a loopback address stays here.
 */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { authorizeUrl, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"

const SITE = "https://site.example/callback"
const OTHER_SITE = "https://site.example/other"
const APP = "cursor://callback"

/** Each is a link that anybody can send, and each is refused. */
const links: ReadonlyArray<readonly [string, Readonly<Record<string, string>>]> = [
  ["consent_required", { prompt: "none" }],
  ["invalid_request", { prompt: "none login" }],
  ["invalid_request", { max_age: "soon" }],
  ["unsupported_response_type", { response_type: "token" }],
  ["invalid_request", { code_challenge_method: "plain" }],
  ["invalid_scope", { scope: "admin" }],
  ["invalid_target", { resource: "mcp" }],
  // Longer than what can be carried through login.
  ["invalid_request", { state: '"'.repeat(4000) }],
]

const start = async () => {
  const door = await startFrontDoor({ config: { appSchemes: ["cursor"] } })
  const alice = newBrowser(door.issuer)
  await alice.signIn(await alice.get("/login"))
  const account = (await Effect.runPromise(door.native.accounts.find("alice")))!
  const { clientId } = await wireClient(door.issuer).newApp({ redirect_uris: [SITE, OTHER_SITE, APP] })
  /** Where a link with this mistake sends the browser, and where the page it is shown leads. */
  const led = async (id: string, redirect_uri: string, mistake: Readonly<Record<string, string>>, by = alice) => {
    const { status, location, text } = await by.get(authorizeUrl(id, { ...mistake, redirect_uri }))
    const link = /href="([^"]+)"/.exec(text)?.[1]?.replaceAll("&amp;", "&")
    return { status, location, link, error: new URL(location ?? link ?? "about:blank").searchParams.get("error") }
  }
  const approveFor = (id: string, redirectUri: string) =>
    Effect.runPromise(
      door.native.openGrant({
        clientId: id,
        approval: { _tag: "User", subjectId: account.subjectId, approvedAt: door.clock.now() },
        request: { redirectUri, redirectUriProvidedExplicitly: true, codeChallenge: "c".repeat(43), jkt: null },
        scopes: null,
        resources: [],
      }),
    )
  const approve = (redirectUri: string) => approveFor(clientId, redirectUri)
  return { ...door, alice, account, clientId, led, approve, approveFor }
}

//= OAUTH21-3.1-auth-user-first
//= A02
test.each(links)("RFC 9700 4.11.2: %s is a page here for a site or app that registered itself", async (error, link) => {
  const { clientId, led } = await start()
  for (const uri of [SITE, APP]) {
    const answer = await led(clientId, uri, link)
    expect(answer).toEqual({ status: 400, location: undefined, link: expect.stringContaining(`${uri}?`), error })
  }
})

test("RFC 9700 4.11.2: what the operator added, and what stays on this machine, is told by redirect", async () => {
  const { native, issuer, led } = await start()
  const metadata = { redirect_uris: [SITE], token_endpoint_auth_method: "none" }
  const { client_id: added } = await Effect.runPromise(native.addClient({ metadata }))
  const { clientId: local, redirectUri } = await wireClient(issuer).newApp()
  for (const [error, link] of links) {
    for (const answer of [await led(added, SITE, link), await led(local, redirectUri, link)]) {
      expect(answer).toMatchObject({ status: 303, link: undefined, error })
    }
  }
})

test("RFC 9700 4.11.2: who approved a client is sent there, to that address, for as long as that stands", async () => {
  const { issuer, native, account, clientId, led, approve } = await start()
  const bob = newBrowser(issuer)
  await bob.signIn(await bob.get("/login"), "bob")
  const { grantId } = await approve(SITE)
  const link = { prompt: "none" }
  expect(await led(clientId, SITE, link)).toMatchObject({ status: 303, error: "consent_required" })
  expect(await led(clientId, OTHER_SITE, link)).toMatchObject({ status: 400, location: undefined })
  expect(await led(clientId, SITE, link, bob)).toMatchObject({ status: 400, location: undefined })
  // Another client with the same address is another client.
  const { clientId: copycat } = await wireClient(issuer).newApp({ redirect_uris: [SITE] })
  expect(await led(copycat, SITE, link)).toMatchObject({ status: 400, location: undefined })
  await Effect.runPromise(native.revokeGrant(grantId, account.subjectId))
  expect(await led(clientId, SITE, link)).toMatchObject({ status: 400, location: undefined })
})

test("RFC 9700 4.11.2: an approval vouches, however many others came after it on the account page", async () => {
  const { clock, issuer, native, account, clientId, led, approve, approveFor } = await start()
  await approve(SITE)
  clock.pass(1)
  const { clientId: other } = await wireClient(issuer).newApp({ redirect_uris: [OTHER_SITE] })
  for (let count = 0; count < 60; count++) await approveFor(other, OTHER_SITE)
  const shown = await Effect.runPromise(native.connections(account.subjectId))
  expect(shown.connections.map(({ grant }) => grant.clientId)).not.toContain(clientId)
  expect(await led(clientId, SITE, { prompt: "none" })).toMatchObject({ status: 303, error: "consent_required" })
})

test.each<readonly [string, (door: Awaited<ReturnType<typeof start>>) => Effect.Effect<unknown, unknown>]>([
  ["all apps were disconnected", ({ native, account }) => native.revokeSubjectSessions(account.subjectId)],
  ["the grant has ended", ({ clock }) => Effect.sync(() => clock.pass(3650 * 86_400))],
  ["the issuer ended everything", ({ native }) => native.raiseIssuerEpoch("a backup was restored")],
])("RFC 9700 4.11.2: an approval vouches for nothing any more once %s", async (_, end) => {
  const door = await start()
  const { alice, clientId, led, approve } = door
  await approve(SITE)
  await Effect.runPromise(Effect.orDie(end(door)))
  await alice.signIn(await alice.get("/login"))
  expect(await led(clientId, SITE, { prompt: "none" })).toMatchObject({ status: 400, location: undefined })
})

test("RFC 9700 4.11.2: a request that fails between login and consent is told by the same rule", async () => {
  const { alice, native, clientId } = await start()
  const { location } = await alice.get(authorizeUrl(clientId, { redirect_uri: SITE }))
  await Effect.runPromise(native.disableClient(clientId))
  const shown = await alice.walk(location!)
  expect([shown.status, shown.location]).toEqual([400, undefined])
  expect(shown.text).toContain(`${SITE}?error=unauthorized_client`)
})

test("who presses a button on a page here goes where the page said, with whatever came of it", async () => {
  const { alice, native, clientId } = await start()
  const consent = await alice.walk(authorizeUrl(clientId, { redirect_uri: SITE }))
  const late = await alice.walk(authorizeUrl(clientId, { redirect_uri: SITE, state: "late" }))
  const denied = await alice.submit(consent, "/consent", { decision: "deny" })
  expect(denied.location).toContain(`${SITE}?error=access_denied`)
  await Effect.runPromise(native.disableClient(clientId))
  const refused = await alice.submit(late, "/consent", { decision: "allow" })
  expect(refused.location).toContain(`${SITE}?error=unauthorized_client`)
})
