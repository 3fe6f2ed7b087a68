/** What a browser tells the site that comes next, and what it keeps: of a visit here, nothing. */
import { expect } from "vitest"
import { PASSWORD, authorizeUrl, startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"
import { startLoopbackClient } from "./Sites.ts"
import { test, press, signIn, visit } from "./Visit.ts"

const start = async () => {
  const door = await startFrontDoor()
  const client = await startLoopbackClient()
  const app = await wireClient(door.issuer).newApp({ client_name: "Notes" })
  const url = door.issuer + authorizeUrl(app.clientId, { redirect_uri: client.redirectUri, state: "the-state" })
  return { ...door, client, app, url, ...(await visit()) }
}

test("A06: neither the client nor any site is told which page of ours somebody came from", async () => {
  const { page, url, client, issuer } = await start()
  const referrers: Array<string | undefined> = []
  page.on("request", (request) => referrers.push(request.headers()["referer"]))
  await page.goto(url)
  await signIn(page)
  await press(page, "Allow")
  await page.getByText("You can close this window").waitFor()
  await page.goto(url.replace("response_type=code", "response_type=token"))
  await page.getByText("You can close this window").waitFor()
  await page.context().clearCookies()
  await page.goto(url.replace("response_type=code", "response_type=token"))
  await page.getByRole("link", { name: "Back to the application" }).click()
  await page.getByText("You can close this window").waitFor()
  expect(await page.evaluate(() => document.referrer)).toBe("")
  expect(client.visited.filter(({ pathname }) => pathname === "/callback")).toHaveLength(3)
  expect(referrers.length).toBeGreaterThan(8)
  expect(referrers.filter((referrer) => referrer?.startsWith(issuer))).toEqual([])
})

test("A44: going back after signing out shows nothing of the account, and asks for the password anew", async () => {
  const { page, url, issuer, requested } = await start()
  await page.goto(url)
  await signIn(page)
  await page.getByText("You are signed in as alice").waitFor()
  const consent = page.url()
  await page.goto(`${issuer}/account`)
  await press(page, "Sign out")
  await page.getByLabel("Password").waitFor()
  for (let count = 0; count < 4 && page.url() !== consent; count++) await page.goBack()
  expect(page.url()).toBe(consent)
  await page.getByLabel("Password").waitFor()
  expect(await page.getByText("alice").count()).toBe(0)
  expect(requested.filter((address) => address.includes(encodeURIComponent(PASSWORD)))).toEqual([])
})

test("A23: going back after the answer and answering otherwise gives no second answer", async () => {
  const { page, url, client } = await start()
  await page.goto(url)
  await signIn(page)
  await press(page, "Deny")
  await page.getByText("You can close this window").waitFor()
  await page.goBack()
  await page.getByText("This request was answered already").waitFor()
  expect(await page.getByRole("button").count()).toBe(0)
  await page.goto(url)
  await page.getByText("This request was answered already").waitFor()
  expect(client.visited.map(({ searchParams }) => searchParams.get("error")).filter(Boolean)).toEqual(["access_denied"])
})
