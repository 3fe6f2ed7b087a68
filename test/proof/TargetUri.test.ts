/** Where a request went, in one spelling (RFC 9449 4.3, RFC 3986 6.2). */
import { expect, it } from "vitest"
import { targetUri } from "../../src/proof/TargetUri.ts"

it.each([
  ["https://a.example/b", "https://a.example/b"],
  ["HTTPS://A.EXAMPLE:443/b", "https://a.example/b"],
  ["http://a.example:80", "http://a.example/"],
  ["https://a.example/b?c=d#e", "https://a.example/b"],
  ["https://a.example/%7eb/%e2%82%AC", "https://a.example/~b/%E2%82%AC"],
  ["https://a.example/b/../c/./d", "https://a.example/c/d"],
  ["https://a.example/b/%2e%2e/c", "https://a.example/c"],
  ["https://a.example/b%2fc", "https://a.example/b%2Fc"],
  ["https://a.example:8443/b/", "https://a.example:8443/b/"],
])("`%s` is spelled `%s`", (text, spelled) => expect(targetUri(text)).toBe(spelled))

it.each(["", "/b", "a.example/b", "ftp://a.example/b", "https://u:p@a.example/b", "https://", "urn:a"])(
  "`%s` is no address of a request",
  (text) => expect(targetUri(text)).toBeUndefined(),
)
