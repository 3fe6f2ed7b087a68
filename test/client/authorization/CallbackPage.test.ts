/** What a person reads at the end of a login, and how the page is kept from everybody else. */
import { hash } from "node:crypto"
import { expect, test } from "vitest"
import { outcomePage, pageHeaders } from "../../../src/client/authorization/CallbackPage.ts"

const partsOf = (text: string) => ({
  title: /<title>(.*)<\/title>/.exec(text)?.[1],
  heading: /<h1>(.*)<\/h1>/.exec(text)?.[1],
  sentence: /<p role="(?:status|alert)">(.*)<\/p>/.exec(text)?.[1],
  role: /<p role="([a-z]+)">/.exec(text)?.[1],
})

test("who logged in is told so", async () => {
  expect(partsOf(await outcomePage("Tester", { isLoggedIn: true }))).toEqual({
    title: "Logged in",
    heading: "Logged in",
    sentence: "Tester has access now. You can close this window.",
    role: "status",
  })
})

test("who did not is told why, at once", async () => {
  expect(partsOf(await outcomePage("Tester", { isLoggedIn: false, why: "nobody allowed it" }))).toEqual({
    title: "Not logged in",
    heading: "Not logged in",
    sentence: "Tester did not get access: nobody allowed it. You can close this window.",
    role: "alert",
  })
})

test("the page is kept by nobody, framed by nobody, tells nobody its address, and is styled by its own style alone", async () => {
  const [, style] = /<style>([^]*)<\/style>/.exec(await outcomePage("Tester", { isLoggedIn: true }))!
  expect(style).toContain("prefers-color-scheme:dark")
  expect(pageHeaders).toEqual({
    "content-type": "text/html; charset=utf-8",
    "cache-control": "no-store",
    "content-security-policy": `default-src 'none'; style-src 'sha256-${hash("sha256", style!, "base64")}'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'`,
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    connection: "close",
  })
})
