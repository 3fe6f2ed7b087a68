/** `response_mode=form_post` in a real browser: the page posts itself under its policy, and the code is in no address. */
import { expect } from "vitest"
import { formPost, standardFeatures } from "../../src/provider/index.ts"
import { VERIFIER, authorizeUrl, startFrontDoor } from "../support/FrontDoor.ts"
import { wireClient } from "../support/WireClient.ts"
import { startSite } from "./Sites.ts"
import { test, press, requestTo, signIn, visit } from "./Visit.ts"

const APP = "com.example.notes:/callback"

const start = async (redirectUri: string, javaScriptEnabled = true) => {
  const door = await startFrontDoor({ features: [...standardFeatures, formPost] })
  const wire = wireClient(door.issuer)
  const app = await wire.newApp({ redirect_uris: [redirectUri] })
  const visited = await visit({ ignoreHTTPSErrors: true, javaScriptEnabled })
  const asked = { redirect_uri: redirectUri, response_mode: "form_post" }
  await visited.page.goto(door.issuer + authorizeUrl(app.clientId, asked))
  await signIn(visited.page)
  return { ...door, ...visited, wire, app }
}

const site = () => startSite(() => "<p>You can close this window.", { host: "localhost", isSecure: true })

test("the answer is posted to the client, which redeems the code, and no address has it", async () => {
  const { origin } = await site()
  const callback = `${origin}/callback`
  const { page, violations, requested, wire, app, issuer } = await start(callback)
  const posting = requestTo(page, callback)
  await press(page, "Allow")
  const request = await posting
  await page.getByText("You can close this window").waitFor()
  const fields = new URLSearchParams(request.postData() ?? "")
  expect([request.method(), fields.get("state"), fields.get("iss")]).toEqual(["POST", "s", issuer])
  const code = fields.get("code")!
  expect(requested.filter((address) => address.includes(code))).toEqual([])
  expect(violations).toEqual([])
  expect((await wire.redeem(app, { code, verifier: VERIFIER }, { redirect_uri: callback })).status).toBe(200)
})

test("without scripts there is a button, and it is said where it leads", async () => {
  const { origin } = await site()
  const callback = `${origin}/callback`
  const { page } = await start(callback, false)
  await press(page, "Allow")
  await page.getByText(`the site ${new URL(origin).host}`).waitFor()
  const posting = requestTo(page, callback)
  await page.getByRole("button", { name: "Go on" }).click()
  expect(new URLSearchParams((await posting).postData() ?? "").get("code")).not.toBeNull()
})

test("a site that sends the browser on after it was posted to is not held back by the policy of the page", async () => {
  const onwards = await startSite(() => ({ location: APP }), { host: "localhost", isSecure: true })
  const { page, violations } = await start(`${onwards.origin}/callback`)
  const opened = requestTo(page, APP)
  await press(page, "Allow")
  expect((await opened).redirectedFrom()?.method()).toBe("POST")
  expect(violations).toEqual([])
})
