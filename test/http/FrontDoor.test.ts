/** Login and consent, by a browser without eyes: each request answered once, by whom it was shown to. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { authorizeUrl, newBrowser, startFrontDoor, VERIFIER } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"

const start = async () => {
  const door = await startFrontDoor()
  const wire = wireClient(door.issuer)
  const app = await wire.newApp({ client_name: "Notes" })
  return { ...door, wire, app, browser: newBrowser(door.issuer) }
}

test("somebody signs in, allows, and the client gets a code that it can redeem", async () => {
  const { wire, app, browser, issuer } = await start()
  const login = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  expect(login.status).toBe(200)
  const consent = await browser.follow(await browser.signIn(login))
  expect(consent.text).toContain("Notes")
  expect(consent.text).toContain("alice")
  const answer = await browser.submit(consent, "/consent", { decision: "allow" })
  expect([answer.status, answer.text]).toEqual([303, ""])
  const { searchParams } = new URL(answer.location!)
  expect(searchParams.get("state")).toBe("s")
  expect(searchParams.get("iss")).toBe(issuer)
  const tokens = await wire.redeem(app, { code: searchParams.get("code")!, verifier: VERIFIER })
  expect(tokens.status).toBe(200)
  const account = await browser.get("/account")
  expect(account.text).toContain("Notes")
})

test("who denies is answered once: approving afterwards gives no code", async () => {
  const { app, browser, native } = await start()
  const login = await browser.follow(await browser.get(authorizeUrl(app.clientId)))
  const consent = await browser.follow(await browser.signIn(login))
  const denied = await browser.submit(consent, "/consent", { decision: "deny" })
  expect(new URL(denied.location!).searchParams.get("error")).toBe("access_denied")
  const replay = await browser.submit(consent, "/consent", { decision: "allow" })
  expect([replay.status, replay.location]).toEqual([400, undefined])
  const grants = await Effect.runPromise(native.grants({ clientId: app.clientId }))
  expect(grants.map(({ _tag }) => _tag)).toEqual(["Denied"])
})
