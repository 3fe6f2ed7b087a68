/** Consent for clients that a document describes: what is shown of them, and what is granted when the document changes. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { clientIdMetadataDocuments, standardFeatures } from "../../src/provider/index.ts"
import { documentHost } from "../support/DocumentHost.ts"
import { VERIFIER, authorizeUrl, newBrowser, startFrontDoor, type Sight } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"

const features = [...standardFeatures, clientIdMetadataDocuments({ allowsLoopback: true })]
const APP_URI = "https://notes.example/callback"

const start = async () => {
  const host = await documentHost()
  const door = await startFrontDoor({ features })
  const browser = newBrowser(door.issuer, door.carry)
  const consentFor = (clientId: string, more: Record<string, string> = {}) =>
    browser.walk(authorizeUrl(clientId, more), "alice")
  const answer = (page: Sight, decision = "allow") => browser.submit(page, "/consent", { decision })
  const events = async () => (await Effect.runPromise(door.store.readAll(0, 100))).map(({ event }) => event)
  return { ...door, host, browser, consentFor, answer, events }
}

//= CIMD-6.4-show-hostname
//= MCP-AUTHZ-as-show-redirect-host
test("somebody who is asked sees the host that describes the app, and where the answer goes", async () => {
  const { host, consentFor } = await start()
  const { text } = await consentFor(host.publish({ redirect_uris: [APP_URI] }), { redirect_uri: APP_URI })
  expect(text).toContain(`What it says of itself comes from ${new URL(host.origin).host}`)
  expect(text).toContain("the site notes.example")
  expect(text).not.toContain("Its answers go to this computer alone")
})

//= MCP-AUTHZ-as-show-redirect-host
test("of an app whose every answer goes to this computer somebody is warned", async () => {
  const { host, consentFor } = await start()
  expect((await consentFor(host.publish())).text).toContain("Its answers go to this computer alone")
})

test("what an app calls itself is text, whatever its document says", async () => {
  const { host, consentFor } = await start()
  const { text } = await consentFor(host.publish({ client_name: `<script>alert("x")</script>` }))
  expect(text).not.toContain("<script>")
  expect(text).toContain("&lt;script&gt;")
})

//= A37
describe("a document that changes while somebody is asked", () => {
  test("is shown anew, and only what was shown last is granted", async () => {
    const { host, clock, consentFor, answer, events } = await start()
    const clientId = host.publish()
    const page = await consentFor(clientId)
    host.publish({ client_name: "Other notes" })
    clock.pass(301)
    const again = await answer(page)
    expect(again.status).toBe(400)
    expect(again.text).toContain("has changed since this page was shown")
    expect(again.text).toContain("Other notes")
    expect((await events()).some(({ _tag }) => _tag === "GrantOpened" || _tag === "ClientRegistered")).toBe(false)
    const allowed = await answer(again)
    expect(allowed.location).toContain("code=")
    const kept = await events()
    const [registered] = kept.filter(({ _tag }) => _tag === "ClientRegistered")
    expect(registered).toMatchObject({ clientId, origin: "document", metadata: { client_name: "Other notes" } })
    const opened = kept.find(({ _tag }) => _tag === "GrantOpened")
    expect(opened).toMatchObject({
      clientId,
      metadataDigest: (registered as { metadataDigest: string }).metadataDigest,
    })
  })

  test("and says no more that the answer goes there leads nobody there", async () => {
    const { host, clock, consentFor, answer, events } = await start()
    const page = await consentFor(host.publish({ redirect_uris: [APP_URI] }), { redirect_uri: APP_URI })
    host.publish()
    clock.pass(301)
    const refused = await answer(page)
    expect([refused.status, refused.location]).toEqual([400, undefined])
    expect((await events()).map(({ _tag }) => _tag)).not.toContain("GrantOpened")
  })

  test("or cannot be read any more is not approved, and the request waits", async () => {
    const { host, clock, consentFor, answer, events } = await start()
    const page = await consentFor(host.publish())
    host.answer((response) => response.writeHead(503).end())
    clock.pass(301)
    const refused = await answer(page)
    expect([refused.status, refused.location]).toEqual([400, undefined])
    expect(refused.text).toContain("was answered 503")
    expect((await events()).map(({ _tag }) => _tag)).not.toContain("GrantOpened")
    host.publish()
    expect((await answer(page)).location).toContain("code=")
  })

  test("after it was approved takes nothing back: the next request is asked for it as it is then", async () => {
    const { host, url, clock, consentFor, answer, events } = await start()
    const clientId = host.publish()
    const allowed = await answer(await consentFor(clientId))
    const code = new URL(allowed.location!).searchParams.get("code")!
    host.publish({ client_name: "Other notes" })
    clock.pass(301)
    const page = await consentFor(clientId, { state: "another" })
    expect(page.text).toContain("Other notes")
    expect((await answer(page)).location).toContain("code=")
    const digests = (await events()).flatMap((event) => (event._tag === "GrantOpened" ? [event.metadataDigest] : []))
    expect(new Set(digests).size).toBe(2)
    expect((await events()).filter(({ _tag }) => _tag === "ClientUpdated")).toHaveLength(1)
    const form = { grant_type: "authorization_code", client_id: clientId, code, code_verifier: VERIFIER }
    const { status } = await wireClient(url).post("/token", form)
    // The code has expired meanwhile, which is all that has become of it.
    expect(status).toBe(400)
  })
})

test("who says no leaves a record of that and of nothing else", async () => {
  const { host, consentFor, answer, events } = await start()
  const page = await consentFor(host.publish())
  const before = (await events()).length
  expect((await answer(page, "deny")).location).toContain("error=access_denied")
  expect((await events()).slice(before).map(({ _tag }) => _tag)).toEqual(["GrantDenied"])
  expect((await answer(page)).text).toContain("answered already")
})

test("who says no is not kept waiting for a document that cannot be read, and has answered for good", async () => {
  const { host, clock, consentFor, answer, events } = await start()
  const clientId = host.publish()
  const [page, other] = [await consentFor(clientId), await consentFor(clientId, { state: "another" })]
  expect((await answer(other)).location).toContain("code=")
  const another = await consentFor(clientId, { state: "third" })
  host.answer((response) => response.writeHead(500).end())
  clock.pass(301)
  const before = (await events()).length
  for (const asked of [page, another]) {
    expect((await answer(asked)).status).toBe(400)
    expect((await answer(asked, "deny")).location).toContain("error=access_denied")
    expect((await answer(asked, "deny")).text).toContain("answered already")
  }
  expect((await events()).slice(before).map(({ _tag }) => _tag)).toEqual(["GrantDenied", "GrantDenied"])
})

test("one document that is approved again changes nothing about its client", async () => {
  const { host, consentFor, answer, events } = await start()
  const clientId = host.publish()
  for (const state of ["one", "two", "three"]) {
    expect((await answer(await consentFor(clientId, { state }))).location).toContain("code=")
  }
  const tags = (await events()).map(({ _tag }) => _tag)
  expect(tags.filter((tag) => tag.startsWith("Client"))).toEqual(["ClientRegistered"])
  expect(tags.filter((tag) => tag === "GrantOpened")).toHaveLength(3)
})

test("eight who approve at once get a code each, and the client is known once", async () => {
  const { host, native, events } = await start()
  const clientId = host.publish()
  const approve = (subjectId: string) =>
    Effect.runPromise(
      native.openGrant({
        clientId,
        approval: { _tag: "User", subjectId, approvedAt: native.now() },
        request: {
          redirectUri: "http://127.0.0.1/callback",
          redirectUriProvidedExplicitly: true,
          codeChallenge: "c".repeat(43),
          jkt: null,
        },
        scopes: null,
        resources: [],
      }),
    )
  const grants = await Promise.all(Array.from({ length: 8 }, (_, index) => approve(`sub_${index}`)))
  expect(new Set(grants.map(({ code }) => code)).size).toBe(8)
  expect((await events()).filter(({ _tag }) => _tag === "ClientRegistered")).toHaveLength(1)
})
