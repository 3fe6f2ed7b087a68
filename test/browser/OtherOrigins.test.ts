/**
 * What a page on another origin can do to somebody who is signed in here: nothing.
 *
 * Twice each: from another site, which gets no cookies along, and from another port of the same host, which does.
 */
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { describe, expect } from "vitest"
import { authorizeUrl, newBrowser, PASSWORD, startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"
import { startLoopbackClient, startSite } from "./Sites.ts"
import { test, press, signIn, visit } from "./Visit.ts"

const quoted = (text: string): string => text.replaceAll("&", "&amp;").replaceAll('"', "&quot;")

/** A page that posts a form by itself as soon as somebody opens it. */
const posting = (action: string, fields: Readonly<Record<string, string>>): string =>
  `<form method="post" action="${action}">${Object.entries(fields)
    .map(([name, value]) => `<input type="hidden" name="${name}" value="${quoted(value)}">`)
    .join("")}</form><script>document.forms[0].submit()</script>`

const formOn = (page: Page): Promise<string> => page.locator("main input[name=form]").first().inputValue()

const start = async () => {
  const door = await startFrontDoor()
  const app = await wireClient(door.issuer).newApp({ client_name: "Notes" })
  const { redirectUri } = await startLoopbackClient()
  const visited = await visit()
  const { page } = visited
  /** The consent page, and where it is. */
  const consent = async (): Promise<string> => {
    await page.goto(door.issuer + authorizeUrl(app.clientId, { redirect_uri: redirectUri }))
    if (await page.getByLabel("Password").isVisible()) await signIn(page)
    await page.getByRole("button", { name: "Allow" }).waitFor()
    return page.url()
  }
  const answers = async () =>
    (await Effect.runPromise(door.native.grants({ clientId: app.clientId }))).map(({ _tag }) => _tag)
  return { ...door, ...visited, app, consent, answers }
}

describe.each([
  ["another site", "127.0.0.1"],
  ["another port of the same host", "localhost"],
])("%s", (_, host) => {
  //= A42
  test("cannot show a page of ours in a frame", async () => {
    const { page, issuer, consent } = await start()
    const address = await consent()
    const shown = [address, `${issuer}/account`, `${issuer}/login`, `${issuer}/authorize`]
    const frames = shown.map((one) => `<iframe src="${quoted(one)}"></iframe>`)
    const site = await startSite(() => frames.join(""), { host })
    const refused: Array<string> = []
    page.on("console", (message) => {
      if (/frame-ancestors/.test(message.text())) refused.push(message.text())
    })
    await page.goto(site.origin)
    await expect.poll(() => refused.length).toBe(shown.length)
    for (const frame of page.frames().slice(1)) {
      expect(await frame.locator("form").count()).toBe(0)
      expect(
        await frame
          .locator("h1")
          .filter({ hasText: /Allow|Your account|Sign in|cannot/ })
          .count(),
      ).toBe(0)
    }
  })

  //= A43
  test("cannot allow for somebody, even with the very form that was shown", async () => {
    const { page, issuer, consent, answers } = await start()
    await consent()
    const form = await formOn(page)
    const site = await startSite(() => posting(`${issuer}/consent`, { form, decision: "allow" }), { host })
    await page.goto(site.origin)
    await page.getByRole("heading", { name: "This cannot be done" }).waitFor()
    expect(await answers()).toEqual([])
    await consent()
    await press(page, "Deny")
    await page.getByText("You can close this window").waitFor()
    expect(await answers()).toEqual(["Denied"])
  })

  //= A43
  test("cannot disconnect an app or sign somebody out", async () => {
    const { page, issuer, consent, answers } = await start()
    await consent()
    await press(page, "Allow")
    await page.getByText("You can close this window").waitFor()
    expect(await answers()).toEqual(["Open"])
    for (const action of ["revoke-all", "end-sessions", "sign-out"]) {
      await page.goto(`${issuer}/account`)
      const form = await formOn(page)
      const site = await startSite(() => posting(`${issuer}/account`, { form, action }), { host })
      await page.goto(site.origin)
      // From another site the session does not come along, and somebody is asked to sign in, in vain.
      await page.getByRole("heading", { name: /This cannot be done|Sign in/ }).waitFor()
      await page.goto(`${issuer}/account`)
      await page.getByRole("heading", { name: "Notes" }).waitFor()
    }
  })

  //= A08
  test("cannot sign somebody in as somebody else", async () => {
    const { page, issuer } = await start()
    await page.goto(`${issuer}/login`)
    const attacker = newBrowser(issuer)
    const forms = [await formOn(page), attacker.hidden(await attacker.get("/login"))["form"]!]
    for (const form of forms) {
      const fields = { form, name: "bob", password: PASSWORD }
      const site = await startSite(() => posting(`${issuer}/login`, fields), { host })
      await page.goto(site.origin)
      await page.getByRole("heading", { name: "This cannot be done" }).waitFor()
      await page.goto(`${issuer}/account`)
      await page.getByRole("heading", { name: "Sign in" }).waitFor()
      expect(await page.getByText("bob").count()).toBe(0)
    }
  })

  //= A42
  test("cannot allow by opening the page, nor reach into the window it opened", async () => {
    const { page, consent, answers } = await start()
    const address = await consent()
    const site = await startSite(() => "<p>a page that opens others", { host })
    await page.goto(site.origin)
    const opening = page.waitForEvent("popup")
    await page.evaluate((url) => {
      const opened = window.open(url)
      Object.assign(window, { opened })
    }, `${address}&decision=allow`)
    const opened = await opening
    await opened.getByRole("button", { name: "Sign in" }).waitFor()
    const reach = await page.evaluate(() => {
      const { opened } = window as typeof window & { readonly opened: Window }
      opened.postMessage({ decision: "allow" }, "*")
      try {
        return opened.document.title
      } catch (error) {
        return (error as Error).name
      }
    })
    expect(reach).toBe("SecurityError")
    expect(await answers()).toEqual([])
  })
})
