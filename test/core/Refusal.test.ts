/** Refusals: what goes over the wire. */
import { expect, it } from "vitest"
import { refusalReasons, refusals, refused } from "../../src/core/index.ts"

it.each(refusalReasons)(
  "%s is said in characters that error_description may have, and without a final period",
  (reason) => {
    const { description } = refused(reason)
    // RFC 6749 5.2: %x20-21 / %x23-5B / %x5D-7E
    expect(description).toMatch(/^[\x20-\x21\x23-\x5b\x5d-\x7e]+$/)
    expect(description).toMatch(/^[a-z_].*[^.]$/)
  },
)

it("what a caller may not know is answered like what does not exist", () => {
  expect(refusals["code-of-another-client"]).toEqual(refusals["code-unknown"])
  expect(refusals["code-expired"]).toEqual(refusals["code-unknown"])
  expect(refusals["refresh-of-another-client"]).toEqual(refusals["refresh-unknown"])
  expect(refusals["refresh-expired"]).toEqual(refusals["refresh-unknown"])
})

it("a detail follows the sentence", () => {
  expect(refused("client-redirect-uri-bad", "`x:` has a fragment")).toEqual({
    _tag: "Refused",
    reason: "client-redirect-uri-bad",
    error: "invalid_redirect_uri",
    description: "a redirect URI cannot be registered: `x:` has a fragment",
  })
})

it("without a detail the sentence stands alone", () => {
  expect(refused("client-redirect-uri-bad").description).toBe("a redirect URI cannot be registered")
})
