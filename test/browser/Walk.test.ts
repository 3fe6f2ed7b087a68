/** From a client through login and consent and back, and later to the account page: by mouse, by keyboard, small and wide. */
import { describe, expect } from "vitest"
import type { Page } from "playwright-core"
import { PASSWORD, VERIFIER, authorizeUrl, startFrontDoor } from "../support/FrontDoor.ts"
import { addResourceServer } from "../support/Session.ts"
import { RESOURCE, wireClient } from "../support/WireClient.ts"
import { startLoopbackClient } from "./Sites.ts"
import { test, expectToFit, find, phone, press, requestTo, signIn, tabTo, untilFocused, visit, wide } from "./Visit.ts"

const start = async () => {
  const door = await startFrontDoor()
  const wire = wireClient(door.issuer)
  const client = await startLoopbackClient()
  const app = await wire.newApp({ client_name: "Notes" })
  const watcher = await addResourceServer({ ...door, url: door.issuer })
  const { redirectUri } = client
  const url = door.issuer + authorizeUrl(app.clientId, { redirect_uri: redirectUri, resource: RESOURCE })
  return { ...door, wire, client, app, watcher, redirectUri, url }
}

/** How somebody gets about. */
interface Hands {
  readonly signIn: (page: Page, name: string, password: string) => Promise<void>
  readonly press: (page: Page, name: string) => Promise<void>
}

const mouse: Hands = { signIn, press }

const keyboard: Hands = {
  signIn: async (page, name, password) => {
    await untilFocused(page, "input")
    await page.keyboard.type(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(password)
    await page.keyboard.press("Enter")
  },
  press: async (page, name) => {
    await find(page, name)
    await tabTo(page, name)
    await page.keyboard.press("Enter")
  },
}

describe.each([
  ["by mouse, on a phone", mouse, { viewport: phone }],
  ["by mouse, on a wide screen", mouse, { viewport: wide }],
  ["by keyboard, on a phone", keyboard, { viewport: phone }],
  ["by keyboard, on a wide screen", keyboard, { viewport: wide }],
  ["without JavaScript, on a phone", mouse, { viewport: phone, javaScriptEnabled: false }],
])("%s", (_, hands, options) => {
  test("somebody signs in, allows, sees the app under /account, and ends it there", async () => {
    const { issuer, url, client, redirectUri, wire, app, watcher } = await start()
    const { page, requested, violations } = await visit(options)
    await page.goto(url)
    await expectToFit(page)
    await hands.signIn(page, "alice", PASSWORD)
    await page.getByRole("heading", { name: "Allow access?" }).waitFor()
    await expectToFit(page)
    await hands.press(page, "Allow")
    await page.getByText("You can close this window").waitFor()
    const { searchParams } = client.visited.find(({ pathname }) => pathname === "/callback")!
    expect([searchParams.get("state"), searchParams.get("iss")]).toEqual(["s", issuer])

    const code = searchParams.get("code")!
    const redeemed = await wire.redeem(app, { code, verifier: VERIFIER }, { redirect_uri: redirectUri })
    expect(redeemed.status).toBe(200)
    const token = redeemed.body.access_token!
    expect(await wire.isActive(watcher, token)).toBe(true)

    await page.goto(`${issuer}/account`)
    await page.getByRole("heading", { name: "Notes" }).waitFor()
    await expectToFit(page)
    await hands.press(page, "Disconnect Notes")
    await page.getByRole("heading", { name: "Disconnect this app?" }).waitFor()
    await expectToFit(page)
    expect(await wire.isActive(watcher, token)).toBe(true)
    await hands.press(page, "Disconnect")
    await page.getByText("Notes was disconnected.").waitFor()
    await page.getByText("No app is connected").waitFor()
    expect(await wire.isActive(watcher, token)).toBe(false)
    expect(violations).toEqual([])
    expect(requested.filter((one) => ![issuer, client.origin].includes(new URL(one).origin))).toEqual([])
  })
})

test("who denies goes back to the client with that, and without a code", async () => {
  const { url, redirectUri } = await start()
  const { page } = await visit()
  await page.goto(url)
  await signIn(page)
  const answer = requestTo(page, redirectUri)
  await press(page, "Deny")
  const { searchParams } = new URL((await answer).url())
  expect([searchParams.get("error"), searchParams.get("code")]).toEqual(["access_denied", null])
})

test("a wrong password is announced, tied to the fields, and tried again where the cursor is", async () => {
  const { url } = await start()
  const { page } = await visit({ viewport: phone })
  await page.goto(url)
  await signIn(page, "alice", "a wrong password")
  await page.getByRole("alert").getByText("Name or password is wrong").waitFor()
  expect(await page.title()).toMatch(/^Error: /)
  const password = page.getByLabel("Password")
  expect(await password.getAttribute("aria-invalid")).toBe("true")
  expect(await password.getAttribute("aria-describedby")).toBe(await page.getByRole("alert").getAttribute("id"))
  expect(await page.getByLabel("Name").inputValue()).toBe("alice")
  await untilFocused(page, "input[type=password]")
  await page.keyboard.type(PASSWORD)
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { name: "Allow access?" }).waitFor()
})

test("another account can be used instead, and is asked the same", async () => {
  const { url, redirectUri } = await start()
  const { page } = await visit({ viewport: phone })
  await page.goto(url)
  await signIn(page)
  await press(page, "Use another account")
  await signIn(page, "bob")
  await page.getByText("You are signed in as bob").waitFor()
  const answer = requestTo(page, redirectUri)
  await press(page, "Allow")
  expect(new URL((await answer).url()).searchParams.get("code")).not.toBeNull()
})

test("the password is changed on the account page, and what went wrong is said there", async () => {
  const { issuer } = await start()
  const { page } = await visit({ viewport: phone })
  await page.goto(`${issuer}/account`)
  await signIn(page)
  const change = async (present: string) => {
    await page.getByLabel("Present password").fill(present)
    await page.getByLabel("New password, at least 8 characters").fill("a new and longer password")
    await page.getByLabel("New password again").fill("a new and longer password")
    await press(page, "Change password")
  }
  await page.getByText("Change the password").click()
  await change("a wrong password")
  await page.getByRole("alert").getByText("The present password is wrong").waitFor()
  await change(PASSWORD)
  await page.getByRole("status").getByText("The password was changed").waitFor()
  expect(await page.getByRole("alert").count()).toBe(0)
})
