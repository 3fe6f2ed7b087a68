/** The host's own looks: its name and its picture, and nothing from anywhere besides. */
import { expect, onTestFinished } from "vitest"
import { authorizeUrl, startFrontDoor } from "../support/FrontDoor.ts"
import { keepTime, loseTime } from "../support/Moment.ts"
import { wireClient } from "../support/WireClient.ts"
import { startLoopbackClient, startSite } from "./Sites.ts"
import { press, requestTo, signIn, test, visit } from "./Visit.ts"

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

test("whoever writes the host with the dot of the root signs in, allows and gets back to the app by that name", async () => {
  const { issuer, clock } = await startFrontDoor()
  const rooted = issuer.replace("localhost", "localhost.")
  keepTime(rooted, clock)
  onTestFinished(() => loseTime(rooted))
  const { redirectUri } = await startLoopbackClient()
  const app = await wireClient(issuer).newApp({ client_name: "Notes" })
  const { page } = await visit()
  await page.goto(rooted + authorizeUrl(app.clientId, { redirect_uri: redirectUri }))
  await signIn(page)
  await page.getByRole("heading", { name: "Allow access?" }).waitFor()
  expect(new URL(page.url()).origin).toBe(rooted)
  const answer = requestTo(page, redirectUri)
  await press(page, "Allow")
  const { searchParams } = new URL((await answer).url())
  expect([searchParams.has("code"), searchParams.get("iss")]).toEqual([true, issuer])
})
