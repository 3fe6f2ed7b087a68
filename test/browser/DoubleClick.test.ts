/**
 * A double click that begins on somebody else's page and ends on one of ours gives nothing away.
 *
 * Time in the page stands still here until the test lets it go on, so that a slow machine proves nothing: what a press
 * meets is the page as it is in its first moment, or in the first moment of a pointer that has just come onto it.
 */
import { Effect } from "effect"
import type { Page } from "playwright-core"
import { describe, expect } from "vitest"
import { authorizeUrl, startFrontDoor } from "../support/FrontDoor.ts"
import { takeAMoment } from "../support/Moment.ts"
import { wireClient } from "../support/WireClient.ts"
import { startLoopbackClient, startSite } from "./Sites.ts"
import { test, signIn, visit } from "./Visit.ts"

/** What a visitor may have set; none of it gives a press away sooner. */
const settings = [
  ["as browsers come", {}],
  ["with less motion", { reducedMotion: "reduce" }],
  ["in forced colours", { forcedColors: "active" }],
  ["without JavaScript", { javaScriptEnabled: false }],
] as const

const start = async (options: Parameters<typeof visit>[0] = {}) => {
  const door = await startFrontDoor()
  const app = await wireClient(door.issuer).newApp({ client_name: "Notes" })
  const { redirectUri } = await startLoopbackClient()
  const visited = await visit(options)
  const { page } = visited
  const devtools = await page.context().newCDPSession(page)
  await devtools.send("Animation.enable")
  /** 0 lets nothing in the page go on. */
  const pace = (playbackRate: number) => devtools.send("Animation.setPlaybackRate", { playbackRate })
  const url = door.issuer + authorizeUrl(app.clientId, { redirect_uri: redirectUri })
  const grants = async () =>
    (await Effect.runPromise(door.native.grants({ clientId: app.clientId }))).map(({ _tag }) => _tag)
  await page.goto(url)
  await signIn(page)
  await page.getByRole("button", { name: "Allow" }).waitFor()
  return { ...door, ...visited, pace, grants }
}

/** The middle of the button, be it there for hands or not. */
const middleOf = async (page: Page, selector: string) => {
  const { x, y, width, height } = (await page.locator(selector).boundingBox())!
  return [x + width / 2, y + height / 2] as const
}

//= A42
//= OAUTH21-7.11-clickjacking
describe.each(settings)("%s", (_, options) => {
  test("the second click of two, the first of which led to the page, allows nothing", async () => {
    const { page, issuer, pace, grants } = await start(options)
    const [x, y] = await middleOf(page, "button[value=allow]")
    const url = page.url()
    const lure = await startSite(
      () => `<style>a { position: fixed; inset: 0 }</style><a href="${url.replaceAll("&", "&amp;")}">Click twice`,
    )
    await page.goto(lure.origin)
    await pace(0)
    await page.mouse.click(x, y)
    await page.locator("button[value=allow]").waitFor({ state: "attached" })
    // The server believes by now that the page was read: this is about the page alone.
    takeAMoment(issuer)
    await page.mouse.click(x, y)
    for (let count = 0; count < 3; count++) {
      await page.keyboard.press("Tab")
      expect(await page.evaluate(() => document.activeElement?.textContent)).not.toBe("Allow")
    }
    expect(await page.getByRole("button", { name: "Allow" }).count()).toBe(0)
    expect(await grants()).toEqual([])
    await pace(1)
    await page.getByRole("button", { name: "Allow" }).click()
    await page.getByText("You can close this window").waitFor()
    expect(await grants()).toEqual(["Open"])
  })

  test("a click by a pointer that has just come onto a page which waited below another window allows nothing", async () => {
    const { page, issuer, pace, grants } = await start(options)
    await page.mouse.move(-1, -1)
    await pace(0)
    takeAMoment(issuer)
    const [x, y] = await middleOf(page, "button[value=allow]")
    await page.mouse.click(x, y)
    await page.mouse.click(x, y)
    expect(await grants()).toEqual([])
    await pace(1)
    await page.getByRole("button", { name: "Allow" }).click()
    await page.getByText("You can close this window").waitFor()
    expect(await grants()).toEqual(["Open"])
  })
})

//= OAUTH21-7.11-clickjacking
test("nor does it disconnect an app or sign somebody out", async () => {
  const { page, issuer, pace, grants } = await start()
  takeAMoment(issuer)
  await page.getByRole("button", { name: "Allow" }).click()
  await page.getByText("You can close this window").waitFor()
  await pace(0)
  await page.goto(`${issuer}/account`)
  await page.locator("button[value=disconnect]").waitFor({ state: "attached" })
  takeAMoment(issuer)
  for (const action of ["disconnect", "sign-out", "end-sessions"]) {
    await page.mouse.click(...(await middleOf(page, `button[value=${action}]`)))
  }
  expect(await grants()).toEqual(["Open"])
  await page.reload()
  await page.getByText("Signed in as alice").waitFor()

  await pace(1)
  await page.getByRole("button", { name: "Disconnect Notes" }).click({ trial: true })
  takeAMoment(issuer)
  await pace(0)
  await page.mouse.click(...(await middleOf(page, "button[value=disconnect]")))
  await page.locator("button[value=revoke]").waitFor({ state: "attached" })
  takeAMoment(issuer)
  await page.mouse.click(...(await middleOf(page, "button[value=revoke]")))
  expect(await grants()).toEqual(["Open"])
})
