/**
 * A visitor with a real browser: a profile of their own per test, and a record of all it asked for and complained of.
 *
 * What a person does is done here by hand and by eye: by the keyboard, the mouse, and the words on the page.
 */
import {
  chromium,
  type BrowserContextOptions,
  type Frame,
  type Locator,
  type Page,
  type Request,
} from "playwright-core"
import { expect, inject, onTestFinished, test as anyTest } from "vitest"
import { PASSWORD } from "../support/FrontDoor.ts"
import { takeAMoment } from "../support/Moment.ts"
import { PATIENCE_MILLIS, isPackaged } from "./Chromium.ts"

const endpoint = inject("chromium")
if (isPackaged && endpoint === undefined)
  throw new Error("the project that runs this needs the global setup Chromium.ts")
const browser = endpoint === undefined ? undefined : await chromium.connect(endpoint, { timeout: PATIENCE_MILLIS })

/** A test that needs a real browser; where there is none the run has said so already. */
export const test = anyTest.skipIf(browser === undefined)

export const phone = { width: 320, height: 640 }
export const wide = { width: 1280, height: 800 }

export interface Visit {
  readonly page: Page
  /** Every address that was asked for, redirects and all. */
  readonly requested: ReadonlyArray<string>
  /** What the policy of a page kept the browser from doing. */
  readonly violations: ReadonlyArray<string>
}

export const visit = async (options: BrowserContextOptions = {}): Promise<Visit> => {
  if (browser === undefined) throw new Error("there is no browser")
  const context = await browser.newContext({ viewport: wide, ...options })
  context.setDefaultTimeout(PATIENCE_MILLIS)
  onTestFinished(() => context.close())
  const requested: Array<string> = []
  const violations: Array<string> = []
  context.on("request", (request) => requested.push(request.url()))
  context.on("console", (message) => {
    if (/content.security.policy/i.test(message.text())) violations.push(message.text())
  })
  return { page: await context.newPage(), requested, violations }
}

/** Requests that a page made to an address that begins so, redirected ones included. */
export const requestTo = (page: Page, start: string): Promise<Request> =>
  page.context().waitForEvent("request", { predicate: (request) => request.url().startsWith(start) })

/** Until there is an answer, on whichever page: who goes elsewhere before may not be signed in. */
export const signIn = async (page: Page, name = "alice", password = PASSWORD): Promise<void> => {
  await page.getByLabel("Name").fill(name)
  await page.getByLabel("Password").fill(password)
  const button = page.getByRole("button", { name: "Sign in", exact: true })
  const isOwn = (frame: Frame) => frame === page.mainFrame()
  await Promise.all([page.waitForEvent("framenavigated", { predicate: isOwn }), button.click()])
}

/** To the page that a link leads to, signing in on the way if that is asked. */
export const walk = async (page: Page, url: string): Promise<void> => {
  await page.goto(url)
  if (await page.getByLabel("Password").isVisible()) await signIn(page)
}

/** Looks at the page until there is such a button. */
export const find = async (page: Page, name: string): Promise<Locator> => {
  const button = page.getByRole("button", { name, exact: true })
  await button.waitFor()
  takeAMoment(new URL(page.url()).origin)
  return button
}

export const press = async (page: Page, name: string): Promise<void> => (await find(page, name)).click()

/** Waits until a field has the focus, which a page gives it some time after it is there. */
export const untilFocused = (page: Page, selector: string): Promise<void> => page.locator(`${selector}:focus`).waitFor()

/** What has the focus, by its words. */
const focused = (page: Page): Promise<string> =>
  page.evaluate(() => {
    const { activeElement } = document
    return activeElement?.getAttribute("aria-label") ?? activeElement?.textContent?.trim() ?? ""
  })

/** Goes on with the keyboard to the button of that name; on the way the focus is to be seen. */
export const tabTo = async (page: Page, name: string): Promise<void> => {
  for (let count = 0; count < 40 && (await focused(page)) !== name; count++) {
    await page.keyboard.press("Tab")
    const outline = await page.evaluate(() => {
      const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement!)
      return `${outlineStyle} ${outlineWidth}`
    })
    expect(outline).toBe("solid 3px")
  }
  expect(await focused(page)).toBe(name)
}

/** No part of the page lies beside the screen. */
export const expectToFit = async (page: Page): Promise<void> => {
  const [needed, there] = await page.evaluate(() => {
    const { scrollWidth, clientWidth } = document.documentElement
    return [scrollWidth, clientWidth]
  })
  expect(needed, `width of ${page.url().split("?")[0]}`).toBeLessThanOrEqual(there!)
}
