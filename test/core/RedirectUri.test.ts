/** Redirect URIs of the core: only what is well-formed has the type, whichever its scheme. */
import { Schema } from "effect"
import { expect, it } from "vitest"
import { RedirectUri } from "../../src/core/index.ts"

it("a redirect URI that is none is told so", () => {
  const decode = Schema.decodeUnknownSync(RedirectUri)
  const long = (length: number) => "https://app.example/".padEnd(length, "a")
  expect(decode("zed://callback")).toBe("zed://callback")
  expect(decode(long(2048))).toHaveLength(2048)
  expect(() => decode("https://app.example/a b")).toThrow("expected a URI")
  expect(() => decode(long(2049))).toThrow("2048")
})
