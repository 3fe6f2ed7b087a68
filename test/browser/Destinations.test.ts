/**
 * Where the browser goes after consent, under the policy that is shipped: every kind of client hears of the answer.
 *
 * Browsers hold a policy's `form-action` against the redirects after a form, too; this is where that would show.
 */
import { expect } from "vitest"
import { VERIFIER, authorizeUrl, startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"
import { startLoopbackClient, startSite } from "./Sites.ts"
import { test, press, requestTo, signIn, visit } from "./Visit.ts"

const APP = "com.example.notes:/callback"

const start = async (redirectUri: string) => {
  const door = await startFrontDoor()
  const wire = wireClient(door.issuer)
  const app = await wire.newApp({ redirect_uris: [redirectUri] })
  const visited = await visit({ ignoreHTTPSErrors: true })
  /** To the consent page. */
  const ask = async (more: Record<string, string> = {}) => {
    const { page } = visited
    await page.goto(door.issuer + authorizeUrl(app.clientId, { redirect_uri: redirectUri, ...more }))
    await signIn(page)
  }
  return { ...door, ...visited, wire, app, ask }
}

test("a client on this computer, which is named as that", async () => {
  const client = await startLoopbackClient()
  const { page, ask, violations } = await start(client.redirectUri)
  await ask()
  await page.getByText(`a program on this computer (${new URL(client.origin).host})`).waitFor()
  await press(page, "Allow")
  await page.getByText("You can close this window").waitFor()
  expect(client.visited[0]!.searchParams.get("code")).not.toBeNull()
  expect(violations).toEqual([])
})

test("an https page that sends the browser on to an app", async () => {
  const site = await startSite(({ search }) => ({ location: APP + search }), { host: "localhost", isSecure: true })
  const { page, ask, violations } = await start(`${site.origin}/callback`)
  await ask()
  await page.getByText(`the site ${new URL(site.origin).host}`).waitFor()
  const opened = requestTo(page, APP)
  await press(page, "Allow")
  const request = await opened
  expect(new URL(request.url()).searchParams.get("code")).not.toBeNull()
  expect(request.redirectedFrom()?.url()).toBe(site.visited[0]!.href)
  expect(violations).toEqual([])
})

test("an app by its scheme, which redeems the code", async () => {
  const { page, ask, violations, wire, app } = await start(APP)
  await ask()
  await page.getByText("the app that opens com.example.notes: links").waitFor()
  const opened = requestTo(page, APP)
  await press(page, "Allow")
  const code = new URL((await opened).url()).searchParams.get("code")!
  expect((await wire.redeem(app, { code, verifier: VERIFIER })).status).toBe(200)
  expect(violations).toEqual([])
})

test("a client that opens the door in a window of its own hears of the answer from its own page there, not as its opener", async () => {
  const site = await startSite(({ pathname }) =>
    pathname === "/callback"
      ? `<script>new BroadcastChannel("answer").postMessage(location.search + "&opener=" + opener)</script>`
      : `<p id="heard">nothing yet</p>
         <script>new BroadcastChannel("answer").onmessage = ({ data }) => (heard.textContent = data)</script>`,
  )
  const { page, issuer, app } = await start(`${site.origin}/callback`)
  await page.goto(site.origin)
  const url = issuer + authorizeUrl(app.clientId, { redirect_uri: `${site.origin}/callback` })
  const opening = page.waitForEvent("popup")
  await page.evaluate((address) => void window.open(address), url)
  const popup = await opening
  await signIn(popup)
  await press(popup, "Allow")
  await page.locator("#heard").getByText("code=").waitFor()
  const heard = new URLSearchParams((await page.locator("#heard").textContent())!)
  expect([heard.get("error"), heard.get("iss"), heard.get("opener")]).toEqual([null, issuer, "null"])
})

test("the account page belongs to no opener", async () => {
  const site = await startSite(() => "<p>a page that opens others")
  const { page, issuer } = await start(`${site.origin}/callback`)
  await page.goto(`${issuer}/account`)
  await signIn(page)
  await page.goto(site.origin)
  const opening = page.context().waitForEvent("page")
  await page.evaluate((address) => void window.open(address), `${issuer}/account`)
  const opened = await opening
  await opened.getByRole("heading", { name: "Your account" }).waitFor()
  expect(await opened.evaluate(() => window.opener === null)).toBe(true)
})

//= A02
test("without a session a request that cannot be granted sends nobody anywhere", async () => {
  const client = await startLoopbackClient()
  const { page, issuer, app, requested } = await start(client.redirectUri)
  const asked = { redirect_uri: client.redirectUri }
  await page.goto(issuer + authorizeUrl(app.clientId, { ...asked, scope: "no-such-scope" }))
  expect(new URL(page.url()).origin).toBe(issuer)
  await page.goto(issuer + authorizeUrl(app.clientId, { ...asked, response_type: "token" }))
  await page.getByText(`This link leads to a program on this computer (${new URL(client.origin).host})`).waitFor()
  expect(requested.map((one) => new URL(one).origin).filter((origin) => origin !== issuer)).toEqual([])

  await page.getByRole("link", { name: "Back to the application" }).click()
  await page.getByText("You can close this window").waitFor()
  expect(client.visited[0]!.searchParams.get("error")).toBe("unsupported_response_type")
})

test("with a session the same is told to a client on this computer", async () => {
  const client = await startLoopbackClient()
  const { page, issuer, app } = await start(client.redirectUri)
  await page.goto(`${issuer}/account`)
  await signIn(page)
  await page.getByText("Signed in as alice").waitFor()
  await page.goto(issuer + authorizeUrl(app.clientId, { redirect_uri: client.redirectUri, scope: "no-such-scope" }))
  await page.getByText("You can close this window").waitFor()
  expect(client.visited[0]!.searchParams.get("error")).toBe("invalid_scope")
})

test("with a session the same is told to a site here, until that person has allowed the site something", async () => {
  const site = await startSite(() => `<p>You can close this window.`, { host: "localhost", isSecure: true })
  const redirectUri = `${site.origin}/callback`
  const { page, issuer, app, ask, violations } = await start(redirectUri)
  const faulty = issuer + authorizeUrl(app.clientId, { redirect_uri: redirectUri, scope: "no-such-scope" })
  await page.goto(`${issuer}/account`)
  await signIn(page)
  await page.getByRole("heading", { name: "Your account" }).waitFor()
  await page.goto(faulty)
  await page.getByText(`This link leads to the site ${new URL(site.origin).host}`).waitFor()
  expect(site.visited).toEqual([])

  await ask()
  await press(page, "Allow")
  await page.getByText("You can close this window").waitFor()
  await page.goto(faulty)
  await page.getByText("You can close this window").waitFor()
  expect(site.visited.map(({ searchParams }) => searchParams.get("error"))).toEqual([null, "invalid_scope"])
  expect(violations).toEqual([])
})
