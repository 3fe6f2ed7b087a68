/** Client metadata: what a client may say of itself, member by member. */
import { Schema } from "effect"
import { expect, it } from "vitest"
import { redirectUriFault } from "../../src/protocol/index.ts"
import { ClientMetadata, MAX_REDIRECT_URIS } from "../../src/core/index.ts"
import { metadata } from "./support/Facts.ts"

const isMetadata = Schema.is(ClientMetadata)
const pages = ["client_uri", "logo_uri", "tos_uri", "policy_uri"] as const

it.each(pages)("%s is a page that a browser opens and does not run", (name) => {
  const fits = (uri: string) => isMetadata({ ...metadata, [name]: uri })
  expect(["https://app.example", "http://app.example/logo?x=1#y", "https://~"].every(fits)).toBe(true)
  const foreign = [
    "",
    "https://",
    "javascript:alert(1)",
    "data:text/html,x",
    "xhttps://app.example",
    "ftp://app.example",
  ]
  expect(foreign.some(fits)).toBe(false)
  expect(
    ["https://app.example/a b", "https://app.example/\n", "https://é.example", "https:/app.example"].some(fits),
  ).toBe(false)
})

it("redirect URIs are at most 32, each of which can be judged", () => {
  const many = (count: number) => Array.from({ length: count }, (_, index) => `https://app.example/${index}`)
  const fits = (count: number) => isMetadata({ ...metadata, redirect_uris: many(count) })
  expect([0, MAX_REDIRECT_URIS, MAX_REDIRECT_URIS + 1].map(fits)).toEqual([true, true, false])
  expect(many(MAX_REDIRECT_URIS).every((uri) => redirectUriFault(uri, []) === undefined)).toBe(true)
})
