/** What people read on the pages, in the words of the pages: each thing that is shown is named, and each button says what it does. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { PASSWORD, authorizeUrl, newBrowser, startFrontDoor } from "../../support/FrontDoor.ts"
import { RESOURCE, wireClient } from "../../support/WireClient.ts"

/** The words of a page, as they stand one after the other. */
const wordsOf = ({ text }: { readonly text: string }): string =>
  text
    .replace(/<style>[^]*<\/style>/, "")
    .replaceAll(/<[^>]*>/g, " ")
    .replaceAll(/\s+/g, " ")

const start = async () => {
  const door = await startFrontDoor()
  const browser = newBrowser(door.issuer)
  const { clientId } = await wireClient(door.issuer).newApp({ client_name: "Notes" })
  return { ...door, browser, clientId }
}

test("the first page says what this is, and where programs and people go on", async () => {
  const { browser, issuer } = await start()
  const words = wordsOf(await browser.get("/"))
  expect(words).toContain("Apps ask here for access to what is yours, and you decide. It speaks OAuth 2.1.")
  expect(words).toContain("Metadata, for programs")
  expect(words).toContain(issuer)
})

test("consent says who asks for what, and what is to be decided", async () => {
  const { browser, clientId } = await start()
  const words = wordsOf(await browser.walk(authorizeUrl(clientId, { resource: RESOURCE, scope: "read" })))
  for (const sentence of ["Allow access?", "Notes", "It wants to", "Client id", clientId, "For use with", RESOURCE]) {
    expect(words).toContain(sentence)
  }
  expect(words).toContain("a program on this computer (127.0.0.1)")
})

test("the account says what is connected, since when and until when, and where one is signed in", async () => {
  const { browser, clientId, native } = await start()
  const other = newBrowser(browser.issuer)
  await other.signIn(await other.get("/login"))
  const page = await browser.walk(authorizeUrl(clientId, { resource: RESOURCE }))
  expect((await browser.submit(page, "/consent", { decision: "allow" })).status).toBe(303)
  const account = await browser.get("/account")
  const words = wordsOf(account)
  for (const sentence of [
    "Your account",
    "Signed in as alice",
    "Connected apps",
    "Notes",
    "It may",
    "Connected",
    "At most until",
    "Last renewed not yet",
    "Where you are signed in",
    "This browser",
    "Sign out there",
    "Sign out everywhere",
    "Password",
    "Change the password",
    "Present password",
    "New password, at least 8 characters",
    "New password again",
  ]) {
    expect(words).toContain(sentence)
  }
  expect(account.text).toMatch(/aria-label="Sign out there, where you signed in on [^"]+"/)
  expect(words).toContain(RESOURCE)
  const mine = await Effect.runPromise(native.grants({}))
  expect(mine).toHaveLength(1)
})

test.each([
  ["short", "short", "The new password is too short."],
  ["a new and longer password", "another", "The new password was not repeated the same."],
])("a password that will not do is told beside its fields: %s, %s", async (chosen, repeated, sentence) => {
  const { browser } = await start()
  await browser.signIn(await browser.get("/login"))
  const fields = { action: "password", password: PASSWORD, "new-password": chosen, "repeat-password": repeated }
  const page = await browser.submit(await browser.get("/account"), "/account", fields)
  expect(page.status).toBe(400)
  expect(page.text).toMatch(new RegExp(`<p role="alert"[^>]*>${sentence}</p>`))
})

test("every page is for the browser that asked, tells nobody where it was, and may not be framed or embedded", async () => {
  const { browser } = await start()
  const { headers } = await browser.get("/login")
  expect({
    "content-type": headers.get("content-type"),
    "x-content-type-options": headers.get("x-content-type-options"),
    "referrer-policy": headers.get("referrer-policy"),
    "cross-origin-opener-policy": headers.get("cross-origin-opener-policy"),
    "cross-origin-resource-policy": headers.get("cross-origin-resource-policy"),
    "cache-control": headers.get("cache-control"),
    pragma: headers.get("pragma"),
  }).toEqual({
    "content-type": "text/html; charset=utf-8",
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-opener-policy": "same-origin",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-store",
    pragma: "no-cache",
  })
  expect(headers.get("content-security-policy")).toMatch(
    /^default-src 'none'; style-src 'sha256-[^']+'; base-uri 'none'; frame-ancestors 'none'$/,
  )
})
