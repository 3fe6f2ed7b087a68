/** The features that the flags of `grantlog serve` switch on: which they are, and what each says of itself. */
import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { defaultOf } from "../../src/cli/Defaults.ts"
import { featuresFor, openedGrants, operatorFeatures } from "../../src/cli/ServeFeatures.ts"
import { serveFlags, type ServeFlags } from "../../src/cli/ServeFlags.ts"
import { assertionAlgorithms, standardFeatures, type Feature } from "../../src/provider/index.ts"

const defaults = Object.fromEntries(
  Object.entries(serveFlags).map(([name, flag]) => [name, defaultOf(flag)]),
) as unknown as ServeFlags
const some = Option.some<string>

const featuresWith = (given: Partial<ServeFlags>): ReadonlyArray<Feature> => featuresFor({ ...defaults, ...given })

/** What comes besides the standard features. */
const besides = (given: Partial<ServeFlags>): ReadonlyArray<Feature> =>
  featuresWith(given).filter((feature) => !standardFeatures.includes(feature))

const namesOf = (features: ReadonlyArray<Feature>) => features.map(({ kind, name }) => `${kind}: ${name}`)

const metadataOf = (features: ReadonlyArray<Feature>): Readonly<Record<string, unknown>> =>
  Object.assign({}, ...features.map(({ metadata }) => metadata?.({ issuer: "http://localhost" }) ?? {}))

const ofKind = <Kind extends Feature["kind"]>(features: ReadonlyArray<Feature>, kind: Kind) =>
  features.find((one): one is Extract<Feature, { kind: Kind }> => one.kind === kind)!

const DPOP = "sender constraint: dpop"
const PUSHED = ["authorization request source: pushed", "client endpoint: pushed_authorization_request"]
const OBJECTS = "authorization request source: request_object"
const EXCHANGE = "grant type: urn:ietf:params:oauth:grant-type:token-exchange"
const BEARER = "grant type: urn:ietf:params:oauth:grant-type:jwt-bearer"
const DEVICE = ["grant type: urn:ietf:params:oauth:grant-type:device_code", "device authorization: device"]

it.each<[Partial<ServeFlags>, ReadonlyArray<string>]>([
  [{}, []],
  [{ dpop: "on" }, [DPOP]],
  [{ pushedRequests: "on" }, PUSHED],
  [{ requestObjects: "on" }, [OBJECTS]],
  [{ privateKeyJwt: true }, ["client authentication: private_key_jwt"]],
  [{ cimd: true }, ["client source: client id metadata documents"]],
  [{ allowLoopbackCimd: true }, ["client source: client id metadata documents"]],
  [{ tokenExchange: true }, [EXCHANGE]],
  [{ trustedIssuers: some("https://idp.example") }, [BEARER]],
  [{ devices: "on" }, DEVICE],
  [{ devices: "open" }, DEVICE],
  [{ passkeys: "on" }, ["passkeys: passkeys", "login strengths: passkeys"]],
  [{ openid: true }, ["openid provider: openid"]],
  [{ jwtAccessTokens: some("all") }, ["access token format: jwt"]],
])("besides the standard ones there are these (%#)", (given, names) => {
  expect(featuresWith(given).slice(0, standardFeatures.length)).toEqual(standardFeatures)
  expect(namesOf(besides(given))).toEqual(names)
})

describe("what all have to do", () => {
  it.each(["on", "required"] as const)("is only demanded where it is required: %s", (how) => {
    const isRequired = how === "required"
    const features = besides({ dpop: how, dpopNonce: "optional", pushedRequests: how, requestObjects: how })
    expect(metadataOf(features)).toMatchObject(
      isRequired
        ? { require_pushed_authorization_requests: true, require_signed_request_object: true }
        : { pushed_authorization_request_endpoint: "http://localhost/par", request_parameter_supported: true },
    )
    const client = { redirect_uris: [] } as never
    const demanded = features.filter((one) => one.kind === "authorization request source" && one.demand?.(client))
    expect(namesOf(demanded)).toEqual(isRequired ? [PUSHED[0], OBJECTS] : [])
    const { read, exposedHeaders } = ofKind(features, "sender constraint")
    expect(exposedHeaders).toEqual(["DPoP-Nonce"])
    const refusal = read({ headers: {} } as never, {} as never, "token")
    expect(refusal).toEqual(isRequired ? expect.objectContaining({ error: "invalid_dpop_proof" }) : undefined)
  })
})

describe("what is chosen among", () => {
  it("is which algorithms assertions are signed by", () => {
    const algorithms = (given: Partial<ServeFlags>) =>
      metadataOf(besides({ privateKeyJwt: true, ...given }))["token_endpoint_auth_signing_alg_values_supported"]
    expect(algorithms({})).toEqual(["PS256", "ES256", "EdDSA", "Ed25519"])
    expect(algorithms({ assertionAlgs: some("ES256 RS256") })).toEqual(["ES256", "RS256"])
  })

  it("is which resources get a JWT, and what signs it for how long", () => {
    const jwts = (said: string) =>
      ofKind(besides({ jwtAccessTokens: some(said), jwtAlg: "EdDSA", jwtTtl: 7 }), "access token format")
    expect(jwts("all")).toMatchObject({ signs: ["EdDSA"], lifetime: { seconds: 7 } })
    const isFor = (said: string, resource: string) => jwts(said).isFor({ resources: [resource] } as never)
    expect(isFor("all", "https://b.example")).toBe(true)
    expect(isFor("https://a.example https://c.example", "https://c.example")).toBe(true)
    expect(isFor("https://a.example https://c.example", "https://b.example")).toBe(false)
  })

  it("is who has a passkey, and what signs who somebody is", () => {
    expect(besides({ passkeys: "second-factor" })).toMatchObject([{ policy: "second-factor" }, {}])
    expect(besides({ openid: true })).toMatchObject([{ signs: ["RS256", "ES256"] }])
    const profiled = featuresWith({ profile: Option.some("fapi2"), openid: true })
    expect(ofKind(profiled, "openid provider").signs).toEqual(["ES256", "EdDSA"])
  })

  it("is who vouches for others, with the address of its keys or without", async () => {
    const faultOf = (trusted: string) => () => featuresWith({ trustedIssuers: some(trusted) })
    expect(faultOf("https://idp.example=https://keys.example/jwks https://other.example")).not.toThrow()
    expect(faultOf("https://idp.example=x?a=b")).toThrow(
      "the keys of the trusted issuer `https://idp.example`: `x?a=b` is not a URL",
    )
    expect(faultOf("idp")).toThrow("the trusted issuer `idp` is not a URL")
    const token = `${btoa('{"alg":"none"}')}.${btoa('{"iss":"https://idp.example"}')}.`
    const form = new Map([
      ["subject_token", token],
      ["subject_token_type", "urn:ietf:params:oauth:token-type:jwt"],
    ])
    const context = { now: () => 0, clientFor: async () => ({}) }
    const exchanged = (trusted: string) =>
      ofKind(besides({ tokenExchange: true, trustedIssuers: some(trusted) }), "grant type").read(
        ...([{}, form, {}, context] as never as Parameters<Extract<Feature, { kind: "grant type" }>["read"]>),
      )
    const cannot = (why: string) =>
      expect.objectContaining({ description: `subject_token cannot be exchanged: ${why}` })
    expect(await exchanged("https://idp.example")).toEqual(cannot("its signature is not by a key of its issuer"))
    expect(await exchanged("https://other.example")).toEqual(cannot("it is no JWT of an issuer that is trusted here"))
  })

  it("is whether devices may register themselves", () => {
    expect(openedGrants({ devices: "open" })).toEqual(["urn:ietf:params:oauth:grant-type:device_code"])
    expect([openedGrants({ devices: "on" }), openedGrants({ devices: "off" })]).toEqual([[], []])
  })
})

it("an operator adds clients for whichever of them there is, and signs nothing", () => {
  expect(operatorFeatures.slice(0, standardFeatures.length)).toEqual(standardFeatures)
  const others = operatorFeatures.slice(standardFeatures.length)
  expect(namesOf(others)).toEqual([
    ...["client authentication: private_key_jwt", DPOP, ...PUSHED, OBJECTS, EXCHANGE, BEARER, ...DEVICE],
    "openid provider: openid",
  ])
  expect(others.flatMap(({ signs = [] }) => signs)).toEqual([])
  expect(metadataOf(others)["token_endpoint_auth_signing_alg_values_supported"]).toEqual(assertionAlgorithms)
})
