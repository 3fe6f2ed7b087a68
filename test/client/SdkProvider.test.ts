/** What the provider for the MCP SDK does besides what the SDK asks: it holds the lock, and believes its own discovery. */
import { expect, onTestFinished, test } from "vitest"
import { OAuth } from "../../src/client/index.ts"
import { EVIL } from "./support/Attacker.ts"
import { ISSUER, makeStack, memoryStorage } from "./support/World.ts"

const start = async () => {
  const stack = await makeStack()
  const tokenStorage = memoryStorage()
  const opened: Array<string> = []
  const oauth = OAuth({ ...stack.options, tokenStorage, openBrowser: (url) => void opened.push(url) })
  await OAuth({ ...stack.options, tokenStorage }).authFlow()
  const provider = await oauth.provider()
  onTestFinished(() => provider.close())
  return { ...stack, tokenStorage, opened, oauth, provider }
}

test("A04: a link to another server than the one that was found is not opened", async () => {
  const { provider, opened } = await start()
  for (const url of [`${EVIL}/authorize?client_id=c&state=s`, `${ISSUER}/elsewhere?client_id=c&state=s`]) {
    await expect(provider.redirectToAuthorization(new URL(url))).rejects.toMatchObject({ code: "issuer_mismatch" })
  }
  expect(opened).toEqual([])
})

test("A04: an answer of another issuer gives the SDK no code", async () => {
  const { provider } = await start()
  const { client_id } = (await provider.clientInformation())!
  const url = new URL(`${ISSUER}/authorize?state=the-state`)
  url.searchParams.set("client_id", client_id)
  url.searchParams.set("redirect_uri", provider.redirectUrl)
  await provider.redirectToAuthorization(url)
  const page = fetch(`${provider.redirectUrl}?${new URLSearchParams({ code: "c", state: "the-state", iss: EVIL })}`)
  await expect(provider.callbackHandler()).rejects.toMatchObject({ code: "issuer_mismatch" })
  expect((await page).status).toBe(400)
})

test("while the SDK refreshes nobody else does, and what it brings is what everybody has", async () => {
  const { provider, tokenStorage } = await start()
  await provider.discoveryState()
  expect(await provider.tokens()).toHaveProperty("refresh_token")
  const order: Array<string> = []
  const other = tokenStorage.exclusively(async () => void order.push("other"))
  await new Promise((resolve) => setImmediate(resolve))
  order.push("sdk")
  await provider.saveTokens({ access_token: "new", token_type: "Bearer", expires_in: 3600, issuer: ISSUER })
  await other
  expect(order).toEqual(["sdk", "other"])
  expect(await provider.tokens()).toMatchObject({ access_token: "new" })
})

test("tokens that the server called dead are dropped, those of somebody who was faster are not", async () => {
  const { provider, tokenStorage } = await start()
  const newer = { issuer: ISSUER, tokens: { access_token: "a", token_type: "Bearer", refresh_token: "newer" } }
  await provider.discoveryState()
  await provider.tokens()
  await tokenStorage.setTokens(newer)
  await provider.invalidateCredentials("tokens")
  expect(await tokenStorage.getTokens()).toEqual(newer)

  await provider.discoveryState()
  await provider.tokens()
  await provider.invalidateCredentials("tokens")
  expect(await tokenStorage.getTokens()).toBeUndefined()
  expect(await tokenStorage.getClientInfo()).toBeDefined()
})

test.each([undefined, ""])(
  "a refresh of the SDK that brings %j as refresh token leaves the old one",
  async (nothing) => {
    const { provider, tokenStorage } = await start()
    await provider.discoveryState()
    const { refresh_token: old } = (await provider.tokens())!
    const fresh = { access_token: "new", token_type: "Bearer", issuer: ISSUER }
    await provider.saveTokens({ ...fresh, ...(nothing === undefined ? {} : { refresh_token: nothing }) })
    expect((await tokenStorage.getTokens())?.tokens).toEqual({
      access_token: "new",
      token_type: "Bearer",
      refresh_token: old,
    })
    expect(old).toMatch(/^glr_/)
    // What was handed out once is no part of what comes next.
    await provider.saveTokens(fresh)
    expect((await tokenStorage.getTokens())?.tokens).toEqual({ access_token: "new", token_type: "Bearer" })
  },
)

test("the tokens of a new login of the SDK have no refresh token of the one before", async () => {
  const { provider, tokenStorage } = await start()
  await provider.discoveryState()
  await provider.tokens()
  const { client_id } = (await provider.clientInformation())!
  await provider.redirectToAuthorization(new URL(`${ISSUER}/authorize?state=the-state&client_id=${client_id}`))
  await provider.saveTokens({ access_token: "new", token_type: "Bearer", refresh_token: "", issuer: ISSUER })
  expect((await tokenStorage.getTokens())?.tokens).toEqual({ access_token: "new", token_type: "Bearer" })
})

test("a stored refresh token that is empty is not shown to the SDK", async () => {
  const { provider, tokenStorage } = await start()
  const tokens = { access_token: "a", token_type: "Bearer", refresh_token: "" }
  await tokenStorage.setTokens({ issuer: ISSUER, tokens })
  await provider.discoveryState()
  expect(await provider.tokens()).toEqual({ access_token: "a", token_type: "Bearer", issuer: ISSUER })
})

test("before a login is under way there is no verifier and no answer, and after it is given up there is none any more", async () => {
  const { provider } = await start()
  const again = { code: "not_started", message: "no login is under way: connect again" }
  expect(() => provider.codeVerifier()).toThrow(expect.objectContaining(again))
  await expect(provider.callbackHandler()).rejects.toMatchObject({
    code: "not_started",
    message: "no login is under way: connect first",
  })
  await provider.saveCodeVerifier("the-verifier")
  expect(await provider.codeVerifier()).toBe("the-verifier")
  await provider.invalidateCredentials("tokens")
  expect(await provider.codeVerifier()).toBe("the-verifier")
  await provider.invalidateCredentials("verifier")
  expect(() => provider.codeVerifier()).toThrow(expect.objectContaining(again))
})
