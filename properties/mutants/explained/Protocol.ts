/** Why mutants of Stryker in `src/protocol` may live. */
import { at, type Explanation } from "../Explanation.ts"

export const protocol: ReadonlyArray<Explanation> = [
  {
    why: "the same: the only item is at a place that nothing reads",
    places: [at("RedirectUri.ts", "[]", '["Stryker was here"]'), at("Resource.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "never true: what parses as an https URL has a host",
    places: [at("RedirectUri.ts", 'hostname === ""', "false"), at("RedirectUri.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: the last group takes all that is left",
    places: [
      at(
        "Resource.ts",
        "/^([a-z][a-z0-9+.-]*:(?:\\/\\/[^/?#]*)?)(.*)$/is",
        "/^([a-z][a-z0-9+.-]*:(?:\\/\\/[^/?#]*)?)(.*)/is",
      ),
    ],
  },
  {
    why: "the same: what is no URI is compared with what is none either, and both begin alike",
    places: [at("Resource.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: a key is compared and never shown, so that either case serves",
    places: [at("Resource.ts", "origin.toLowerCase()", "origin.toUpperCase()")],
  },
  {
    why: "never reached: of two alternatives of a pattern that matched, one has a text",
    places: [at("Challenge.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: every part of the pattern may be empty, so that it matches at the start",
    places: [at("Challenge.ts", "/^\\s*[^\\s,]*/", "/\\s*[^\\s,]*/")],
  },
  {
    why: "the same: no word of it is `Bearer`",
    places: [at("Challenge.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: for the compiler alone; no time is as late as one that is not there",
    places: [at("IntrospectionReading.ts", "expiresAt !== undefined", "true")],
  },
]
