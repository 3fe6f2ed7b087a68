/** What a profile settles cannot be said again, and what it bounds cannot be said differently. */
import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { profileFault, profileFeatures } from "../../src/cli/Profile.ts"
import { fapi2Features } from "../../src/provider/index.ts"

const plain = {
  profile: Option.some("fapi2" as const),
  dpop: "off",
  dpopNonce: "off" as const,
  pushedRequests: "off",
  pushedRequestTtl: 599,
  requestObjects: "off" as const,
  timedRequestObjects: false,
  signedResponses: false,
  privateKeyJwt: false,
  assertionAlgs: Option.none<string>(),
  codeTtl: 60,
}

describe("beside `--profile fapi2`", () => {
  it("the flags as they are by default, and the longest that it allows, do", () => {
    expect(profileFault(plain)).toBeUndefined()
  })

  it.each<readonly [string, Partial<typeof plain>]>([
    ["dpop", { dpop: "on" }],
    ["pushed-requests", { pushedRequests: "on" }],
    ["private-key-jwt", { privateKeyJwt: true }],
    ["assertion-algs", { assertionAlgs: Option.some("ES256") }],
    ["signed-responses", { signedResponses: true }],
    ["timed-request-objects", { timedRequestObjects: true }],
  ])("--%s is refused, for the profile settles it", (flag, given) => {
    expect(profileFault({ ...plain, ...given })).toBe(`--profile fapi2 settles --${flag}: leave it out`)
  })

  it("lifetimes are no longer than it says", () => {
    expect(profileFault({ ...plain, codeTtl: 61 })).toBe(
      "--profile fapi2 has codes live for 60 seconds at most: lower --code-ttl",
    )
    expect(profileFault({ ...plain, pushedRequestTtl: 600 })).toBe(
      "--profile fapi2 has pushed requests opened within less than 600 seconds: lower --pushed-request-ttl",
    )
  })

  it("nothing is refused where there is no profile", () => {
    expect(profileFault({ ...plain, profile: Option.none(), dpop: "on", codeTtl: 600 })).toBeUndefined()
  })
})

it("the profile is its features, with what the flags choose within it", () => {
  const chosen = { ...plain, dpopNonce: "required", pushedRequestTtl: 42, requestObjects: "required" } as const
  const described = (features: ReturnType<typeof profileFeatures>) => JSON.stringify(features)
  const expected = fapi2Features({ nonce: "required", requestLifetime: 42, messageSigning: "required" })
  expect(described(profileFeatures(chosen))).toBe(described(expected))
  expect(() => profileFeatures({ ...plain, pushedRequestTtl: 600 })).toThrow("not less than 600 seconds")
  expect(described(profileFeatures(plain))).not.toBe(described(expected))
})
