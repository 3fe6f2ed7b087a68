/** Flags of `serve` that would do nothing by themselves are refused, and no flag of a feature does nothing by itself. */
import { Effect, Option } from "effect"
import { describe, expect, it, test } from "vitest"
import { defaultOf, namesOf } from "../../src/cli/Defaults.ts"
import { dependenceFault } from "../../src/cli/DependentFlags.ts"
import { featureFlags, featuresFor } from "../../src/cli/ServeFeatures.ts"
import { refuseContradictions } from "../../src/cli/ServedSettings.ts"
import { serveFlags, type ServeFlags } from "../../src/cli/ServeFlags.ts"

const defaults = Object.fromEntries(
  Object.entries(serveFlags).map(([name, flag]) => [name, defaultOf(flag)]),
) as unknown as ServeFlags

const refusalOf = async (given: ServeFlags): Promise<string | undefined> =>
  Effect.runPromise(
    Effect.match(refuseContradictions(given), { onFailure: ({ message }) => message, onSuccess: () => undefined }),
  )

/** A value for each flag of a feature that is not its default. */
const others: { readonly [Name in keyof typeof featureFlags]: ServeFlags[Name] } = {
  profile: Option.some("fapi2"),
  dpop: "on",
  dpopNonce: "required",
  pushedRequests: "on",
  pushedRequestTtl: 60,
  requestObjects: "on",
  timedRequestObjects: true,
  cimd: true,
  cimdBlock: Option.some("https://evil.example"),
  allowLoopbackCimd: true,
  authorizationDetails: Option.some('{"payment":{"members":{"to":{"kind":"text"}},"words":"pay {to}"}}'),
  formPost: true,
  tokenExchange: true,
  trustedIssuers: Option.some("https://idp.example"),
  signedResponses: true,
  registrationManagement: true,
  signedIntrospection: true,
  passkeys: "on",
  jwtAccessTokens: Option.some("all"),
  jwtAlg: "EdDSA",
  jwtTtl: 60,
  privateKeyJwt: true,
  assertionAlgs: Option.some("ES256"),
  acrValues: Option.some("gold"),
  openid: true,
  devices: "on",
}

const namesOfFeatures = (given: ServeFlags): ReadonlyArray<string> =>
  featuresFor(given).map((feature) => `${feature.kind} ${"name" in feature ? String(feature.name) : ""}`)

test.each(Object.entries(others))(
  "a flag of a feature switches one on by itself, or is refused: %s",
  async (name, value) => {
    const given = { ...defaults, [name]: value }
    const fault = await refusalOf(given)
    const [flag] = namesOf([featureFlags[name as keyof typeof featureFlags]])
    if (fault === undefined) expect(namesOfFeatures(given)).not.toEqual(namesOfFeatures(defaults))
    else expect(fault).toMatch(new RegExp(`^--${flag} does nothing without --.*: give that too, or leave it out$`))
  },
)

describe("a flag that does nothing without another", () => {
  it.each<[Partial<ServeFlags>, string]>([
    [{ cimdBlock: Option.some("https://evil.example") }, "--cimd-block does nothing without --cimd"],
    [{ timedRequestObjects: true }, "--timed-request-objects does nothing without --request-objects on or required"],
    [{ dpopNonce: "optional" }, "--dpop-nonce does nothing without --dpop on or required"],
    [{ pushedRequestTtl: 30 }, "--pushed-request-ttl does nothing without --pushed-requests on or required"],
    [{ jwtAlg: "EdDSA" }, "--jwt-alg does nothing without --jwt-access-tokens"],
    [{ jwtTtl: 30 }, "--jwt-ttl does nothing without --jwt-access-tokens"],
    [{ assertionAlgs: Option.some("ES256") }, "--assertion-algs does nothing without --private-key-jwt"],
    [{ metricsHost: Option.some("127.0.0.1") }, "--metrics-host does nothing without --metrics-port"],
    [{ tilesHost: Option.some("127.0.0.1") }, "--tiles-host does nothing without --tiles-port"],
    [{ witnessKey: Option.some("w.example+00000000+BA==") }, "--witness-key does nothing without --witness"],
    [{ witnessQuorum: Option.some(1) }, "--witness-quorum does nothing without --witness"],
    [{ witnessInterval: 7 }, "--witness-interval does nothing without --witness"],
    [
      { store: "memory:", witness: Option.some("https://w.example") },
      "--witness does nothing without a --store that lasts",
    ],
    [{ store: "memory:", tilesPort: Option.some(0) }, "--tiles-port does nothing without a --store that lasts"],
    [{ adminHost: Option.some("127.0.0.1") }, "--admin-host does nothing without --admin-port"],
    [
      { registration: "off", registrationRate: 7 },
      "--registration-rate does nothing without --registration open or invited",
    ],
    [{ store: "memory:", acceptRollback: true }, "--accept-rollback does nothing without a --store that lasts"],
    ...(
      [
        ["keys-file", { keysFile: Option.some("keys.json") }],
        ["checkpoint-copy", { checkpointCopy: Option.some("copy") }],
        ["checkpoint-interval", { checkpointInterval: 7 }],
      ] as const
    ).map(
      ([flag, given]) =>
        [{ store: "memory:", ...given }, `--${flag} does nothing without a --store that lasts`] as [
          Partial<ServeFlags>,
          string,
        ],
    ),
    ...(
      [
        ["registration-grants", { registrationGrants: "refresh_token" }],
        ["registration-management", { registrationManagement: true }],
        ["max-dynamic-clients", { maxDynamicClients: 7 }],
        ["client-secret-ttl", { clientSecretTtl: Option.some(7) }],
        ["unused-client-ttl", { unusedClientTtl: 7 }],
      ] as const
    ).map(
      ([flag, given]) =>
        [{ registration: "off", ...given }, `--${flag} does nothing without --registration open or invited`] as [
          Partial<ServeFlags>,
          string,
        ],
    ),
  ])("is refused in a sentence that names it: %j", (given, sentence) => {
    expect(dependenceFault({ ...defaults, ...given })).toBe(`${sentence}: give that too, or leave it out`)
  })

  it.each<Partial<ServeFlags>>([
    {},
    { cimd: true, cimdBlock: Option.some("https://evil.example") },
    { allowLoopbackCimd: true, cimdBlock: Option.some("https://evil.example") },
    { requestObjects: "on", timedRequestObjects: true },
    { dpop: "on", dpopNonce: "optional" },
    { profile: Option.some("fapi2"), dpopNonce: "required", pushedRequestTtl: 30 },
    { pushedRequests: "required", pushedRequestTtl: 30 },
    { jwtAccessTokens: Option.some("all"), jwtAlg: "EdDSA", jwtTtl: 30 },
    { privateKeyJwt: true, assertionAlgs: Option.some("ES256") },
    { metricsPort: Option.some(0), metricsHost: Option.some("127.0.0.1") },
    { tilesPort: Option.some(0), tilesHost: Option.some("127.0.0.1") },
    { witness: Option.some("https://w.example"), witnessQuorum: Option.some(1), witnessInterval: 7 },
    { witness: Option.some("https://w.example"), witnessKey: Option.some("w.example+00000000+BA==") },
    { adminPort: Option.some(0), adminHost: Option.some("127.0.0.1") },
    { keysFile: Option.some("keys.json"), checkpointCopy: Option.some("copy"), checkpointInterval: 7 },
    { acceptRollback: true },
    { registration: "off" },
    { registration: "invited", registrationManagement: true },
    { store: "memory:" },
  ])("is taken with the other: %j", async (given) => {
    expect(await refusalOf({ ...defaults, ...given })).toBeUndefined()
  })
})
