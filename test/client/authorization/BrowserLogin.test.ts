/** A login's way through the browser: one address, one login at a time, and a page that says how it ended. */
import { expect, onTestFinished, test } from "vitest"
import { sourceTexts } from "../../../spec/trace/Sources.ts"
import { makeBrowserLogin } from "../../../src/client/authorization/BrowserLogin.ts"
import { beginLogin } from "../../../src/client/authorization/PendingLogin.ts"
import { CallbackError } from "../../../src/client/index.ts"
import { checkedOptions } from "../../../src/client/Options.ts"
import { MCP_URL } from "../support/World.ts"

const ISSUER = "https://id.example.com"

const start = (sentence = "connect first") => {
  const browser = makeBrowserLogin(checkedOptions({ mcpUrl: MCP_URL, clientName: "Tester" }), sentence)
  onTestFinished(() => browser.close())
  const begin = async () => {
    const redirectUri = await browser.listen()
    const pending = await beginLogin(
      { fetch: () => expect.fail("nothing is sent"), now: () => 0 },
      {
        discovered: {
          server: {
            issuer: ISSUER,
            metadata: {
              issuer: ISSUER,
              authorization_endpoint: `${ISSUER}/authorize`,
              token_endpoint: `${ISSUER}/token`,
            },
          },
          resource: MCP_URL,
          issuers: [ISSUER],
          isFromResource: true,
        },
        registered: { client: { client_id: "app" }, issuer: ISSUER, source: "given" },
        redirectUri,
        scopes: [],
      },
    )
    browser.expect(pending)
    return pending
  }
  return { browser, begin }
}

const visit = async (redirectUri: string, parameters: Record<string, string>) =>
  (await fetch(`${redirectUri}?${new URLSearchParams(parameters)}`)).text()

test("it listens at the same address again after it was closed", async () => {
  const { browser } = start()
  const address = await browser.listen()
  expect(await browser.listen()).toBe(address)
  await browser.close()
  await expect(fetch(address)).rejects.toThrow()
  expect(await browser.listen()).toBe(address)
})

test("who asks for an answer where none is expected is told at once, and the browser is listened for as before", async () => {
  const { browser, begin } = start("call begin")
  const address = await browser.listen()
  const notStarted = expect.objectContaining({ code: "not_started", message: "call begin" })
  expect(() => browser.answer()).toThrow(notStarted)
  expect((await fetch(address)).status).toBe(404)
  const { state } = await begin()
  const page = visit(address, { state, code: "c" })
  expect((await browser.answer()).get("code")).toBe("c")
  expect(() => browser.answer()).toThrow(notStarted)
  await browser.close()
  expect(await page).toContain("Not logged in")
})

test("the browser is told that the login ended well only after all of it was done", async () => {
  const { browser, begin } = start()
  const { state, redirectUri } = await begin()
  let isShown = false
  const page = visit(redirectUri, { state, code: "c" }).finally(() => (isShown = true))
  const seen = await browser.conclude(async () => {
    await browser.answer()
    return isShown
  })
  expect([seen, await page]).toEqual([false, expect.stringContaining("Logged in")])
  await expect(fetch(redirectUri)).rejects.toThrow()
})

test.each([
  [new CallbackError({ code: "cancelled", message: "the user went away" }), "the user went away"],
  [new Error("a detail of the program"), "the program stopped"],
])("of what went wrong the browser is told what was foreseen and no more: %s", async (error, why) => {
  const { browser, begin } = start()
  const { state, redirectUri } = await begin()
  const page = visit(redirectUri, { state, code: "c" })
  const concluded = browser.conclude(async () => {
    await browser.answer()
    throw error
  })
  await expect(concluded).rejects.toBe(error)
  expect(await page).toContain(`Tester did not get access: ${why}.`)
})

test("an answer that came another way is held against the login as well", async () => {
  const { browser, begin } = start()
  const { state } = await begin()
  expect((await browser.answer(Promise.resolve(new URLSearchParams({ state, code: "pasted" })))).get("code")).toBe(
    "pasted",
  )
  await begin()
  const stranger = browser.answer(Promise.resolve(new URLSearchParams({ state: "another", code: "pasted" })))
  await expect(stranger).rejects.toMatchObject({ code: "state_mismatch" })
})

test("every face of the client logs in through it: no other file listens for a browser", () => {
  const places = sourceTexts("src").filter(({ text }) => text.includes("await startCallback("))
  expect(places.map(({ path }) => path)).toEqual(["src/client/authorization/BrowserLogin.ts"])
})
