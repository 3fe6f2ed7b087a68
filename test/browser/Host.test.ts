/** The host's own looks: its name and its picture, and nothing from anywhere besides. */
import { expect } from "vitest"
import { startFrontDoor } from "../support/FrontDoor.ts"
import { startSite } from "./Sites.ts"
import { test, visit } from "./Visit.ts"

const svg = `<svg xmlns="http://www.w3.org/2000/svg" width="32" height="32"><rect width="32" height="32"/></svg>`
const inline = `data:image/svg+xml;base64,${Buffer.from(svg).toString("base64")}`

test.each([
  ["in the configuration itself", async () => inline],
  [
    "on an https site",
    async () => `${(await startSite(() => ({ svg }), { host: "localhost", isSecure: true })).origin}/logo.svg`,
  ],
])("the host's name and picture are on every page: %s", async (_, picture) => {
  const logo = await picture()
  const { issuer } = await startFrontDoor({ config: { displayName: "Meadow <Notes>", logo } })
  const { page, requested, violations } = await visit({ ignoreHTTPSErrors: true })
  for (const path of ["/", "/login", "/authorize"]) {
    await page.goto(issuer + path)
    const banner = page.getByRole("banner")
    expect(await banner.textContent()).toBe("Meadow <Notes>")
    expect(await page.title()).toContain("Meadow <Notes>")
    expect(await banner.locator("img").evaluate((image: HTMLImageElement) => image.naturalWidth)).toBe(32)
  }
  expect(requested.filter((one) => !one.startsWith(issuer)).every((one) => one === logo)).toBe(true)
  expect(violations).toEqual([])
})

test("no other picture is shown than the one that the policy names", async () => {
  const { issuer } = await startFrontDoor()
  const { page, violations } = await visit()
  await page.goto(issuer)
  await page.evaluate((src) => {
    document.body.append(Object.assign(new Image(), { src }))
  }, inline)
  await expect.poll(() => violations.length).toBe(1)
})
