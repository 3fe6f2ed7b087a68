/** The arguments before they are parsed: digests that look like flags, and a call that names two places. */
import { expect, it } from "vitest"
import { twoPlaces, withoutFalseFlags } from "../../src/cli/Arguments.ts"

const DIGEST = `-${"a_-4".repeat(11).slice(0, 42)}`
const OTHER = `-${"Z".repeat(42)}`

it.each<[string, ReadonlyArray<string>, ReadonlyArray<string>]>([
  ["no digest is left alone", ["explain", "--json", "-h"], ["explain", "--json", "-h"]],
  ["digests go last, in their order", ["explain", DIGEST, "--json", OTHER], ["explain", "--json", "--", DIGEST, OTHER]],
  ["a call that has a `--` is left alone", ["explain", DIGEST, "--", OTHER], ["explain", DIGEST, "--", OTHER]],
  ["a character more is no digest", ["explain", `${DIGEST}a`], ["explain", `${DIGEST}a`]],
  ["a character less is no digest", ["explain", DIGEST.slice(0, -1)], ["explain", DIGEST.slice(0, -1)]],
  ["what does not begin with a dash is none", ["explain", `x${DIGEST}`], ["explain", `x${DIGEST}`]],
  [
    "what has another character is none",
    ["explain", `${DIGEST.slice(0, -1)}=`],
    ["explain", `${DIGEST.slice(0, -1)}=`],
  ],
])("%s", (_, given, expected) => {
  expect(withoutFalseFlags(given)).toEqual(expected)
})

const OF_A_STORE = ["--store", "--beside", "--keys-file", "--issuer", "--app-schemes", "--checkpoint-copy", "--archive"]

it.each(OF_A_STORE)("a server is asked, or a store is opened, and not both: %s", (flag) => {
  for (const store of [[flag, "x"], [`${flag}=x`]])
    for (const admin of [["--admin", "http://localhost:1"], ["--admin=http://localhost:1"]])
      expect(twoPlaces(["client", "list", ...store, ...admin])).toBe(flag)
  expect(twoPlaces(["client", "list", flag, "x"])).toBeUndefined()
})

it.each<[string, ReadonlyArray<string>]>([
  ["a server alone", ["client", "list", "--admin", "http://localhost:1"]],
  ["a flag that only begins like one of a store", ["client", "list", "--storey=x", "--admin", "x"]],
  ["a flag that only begins like that of a server", ["client", "list", "--store", "x", "--admin-credential-file", "x"]],
  ["what stands behind `--`", ["explain", "--admin", "x", "--", "--store", "y"]],
  ["a server that stands behind `--`", ["explain", "--store", "x", "--", "--admin", "y"]],
])("%s is one place", (_, given) => {
  expect(twoPlaces(given)).toBeUndefined()
})
