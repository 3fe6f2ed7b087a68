/** What the flags of `grantlog serve` are called, what they are where they are not given, and the configuration that they make. */
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { defaultOf, namesOf } from "../../src/cli/Defaults.ts"
import { refuseContradictions, servedSettings } from "../../src/cli/ServedSettings.ts"
import { configOf, descriptionsOf, serveFlags, type ServeFlags } from "../../src/cli/ServeFlags.ts"
import { grantlogHere } from "../live/support/InProcess.ts"

const flags = Object.entries(serveFlags)
const defaults = Object.fromEntries(flags.map(([name, flag]) => [name, defaultOf(flag)])) as unknown as ServeFlags

const told = <A>(effect: Effect.Effect<A, { readonly message: string }>): Promise<A | string> =>
  Effect.runPromise(Effect.match(effect, { onFailure: ({ message }) => message, onSuccess: (made) => made }))

describe("a flag of serve", () => {
  it("has the name of what it sets", () => {
    const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)
    expect(flags.map(([, flag]) => namesOf([flag])[0])).toEqual(flags.map(([name]) => kebab(name)))
  })

  it("is nothing where it is not given, but for these", () => {
    const given = flags.flatMap(([name, flag]) => {
      const value = defaultOf(flag)
      return Option.isOption(value) && Option.isNone(value) ? [] : [[name, value]]
    })
    expect(Object.fromEntries(given)).toEqual({
      ...{ port: 4000, store: "sqlite:grantlog.db", scopes: "read write", displayName: "grantlog" },
      ...{ registration: "open", registrationGrants: "authorization_code refresh_token" },
      ...{ accessTokenTtl: 3600, codeTtl: 60, refreshIdleTtl: 2_592_000, grantTtl: 31_536_000, refreshRetryWindow: 30 },
      ...{ maxDynamicClients: 10_000, registrationRate: 600, tokenRate: 60, unusedClientTtl: 86_400 },
      ...{ sessionIdle: 28_800, sessionMax: 604_800, loginRate: 30, requestOrigin: true },
      ...{ checkpointInterval: 10, witnessInterval: 60, acceptRollback: false, drainSeconds: 0 },
      ...{ dpop: "off", dpopNonce: "off", pushedRequests: "off", pushedRequestTtl: 90, requestObjects: "off" },
      ...{ timedRequestObjects: false, cimd: false, allowLoopbackCimd: false, formPost: false, tokenExchange: false },
      ...{ signedResponses: false, registrationManagement: false, signedIntrospection: false, passkeys: "off" },
      ...{ jwtAlg: "ES256", jwtTtl: 300, privateKeyJwt: false, openid: false, devices: "off" },
      ...{ console: false, json: false },
    })
  })

  it.each([
    ["registration", "x", "open or invited or off"],
    ["profile", "x", "fapi2"],
    ["dpop", "x", "off or on or required"],
    ["dpop-nonce", "x", "off or optional or required"],
    ["pushed-requests", "x", "off or on or required"],
    ["request-objects", "x", "off or on or required"],
    ["passkeys", "x", "off or on or second-factor or required"],
    ["jwt-alg", "x", "ES256 or RS256 or EdDSA"],
    ["devices", "x", "off or on or open"],
    ["pushed-request-ttl", "0", "a value between 1 and 600"],
    ["pushed-request-ttl", "601", "a value between 1 and 600"],
    ["jwt-ttl", "0", "a value between 1 and 86400"],
    ["jwt-ttl", "86401", "a value between 1 and 86400"],
    ["drain-seconds", "601", "a value between 0 and 600"],
    ["login-rate", "0", "a value greater than or equal to 1"],
    ["checkpoint-interval", "0", "a value greater than or equal to 1"],
    ["witness-interval", "0", "a value greater than or equal to 1"],
    ["registration-rate", "1/min", "N/h with N from 1 on, or off"],
    ["token-rate", "1/h", "N/min with N from 1 on, or off"],
  ])("takes what it names: --%s %s", async (name, value, what) => {
    expect(await grantlogHere(["serve", `--${name}`, value])).toEqual({
      code: 2,
      stdout: "",
      stderr: `grantlog: --${name} is \`${value}\`: give ${what} (try grantlog serve --help)\n`,
    })
  })
})

describe("the configuration", () => {
  const lifetimes = { accessToken: 3600, code: 60, refreshIdle: 2_592_000, grant: 31_536_000 }
  const byDefault = {
    ...{ issuer: "http://localhost:4123", scopes: ["read", "write"], displayName: "grantlog", lifetimes },
    ...{ registration: "open", registrationGrants: ["authorization_code", "refresh_token"], maxDynamicClients: 10_000 },
    ...{ registrationRate: 600, tokenRate: 60, unusedClientLifetime: 86_400 },
    ...{ retryWindow: { public: 30, confidential: 30 }, session: { idle: 28_800, absolute: 604_800 } },
  }

  it("is this where nothing is given", () => {
    expect(configOf(defaults, 4123, Option.none())).toEqual(byDefault)
  })

  it("has what is given", () => {
    const some = Option.some<string>
    const given: ServeFlags = {
      ...defaults,
      ...{
        issuer: some("https://id.example"),
        scopes: "a  b",
        defaultScopes: some("a"),
        resource: some("https://r.example"),
      },
      ...{ defaultResource: some("https://d.example"), registration: "invited", registrationGrants: "refresh_token" },
      ...{ maxDynamicClients: 1, registrationRate: "off", tokenRate: 2, unusedClientTtl: 3, devices: "open" },
      ...{ clientSecretTtl: Option.some(4), appSchemes: some("x y"), accessTokenTtl: 5, codeTtl: 6, refreshIdleTtl: 7 },
      ...{ grantTtl: 8, refreshRetryWindow: 9, sessionIdle: 10, sessionMax: 11, displayName: "us" },
      ...{ logo: some("https://id.example/logo"), autoApprove: some("alice") },
    }
    expect(configOf(given, 4123, Option.some({ a: "do a" }))).toEqual({
      ...{ issuer: "https://id.example", scopes: ["a", "b"], defaultScopes: ["a"], resources: ["https://r.example"] },
      ...{
        defaultResource: "https://d.example",
        registration: "invited",
        maxDynamicClients: 1,
        registrationRate: "off",
      },
      registrationGrants: ["refresh_token", "urn:ietf:params:oauth:grant-type:device_code"],
      ...{ tokenRate: 2, unusedClientLifetime: 3, clientSecretLifetime: 4, appSchemes: ["x", "y"] },
      ...{ lifetimes: { accessToken: 5, code: 6, refreshIdle: 7, grant: 8 }, displayName: "us" },
      ...{ retryWindow: { public: 9, confidential: 9 }, session: { idle: 10, absolute: 11 } },
      ...{ logo: "https://id.example/logo", scopeDescriptions: { a: "do a" }, autoApprove: "alice" },
    })
    const { resources, registrationGrants } = configOf(
      { ...defaults, resource: some("any"), devices: "on", registrationGrants: "refresh_token refresh_token" },
      1,
      Option.none(),
    )
    expect([resources, registrationGrants]).toEqual(["any", ["refresh_token"]])
  })

  it("has descriptions of scopes that are JSON", async () => {
    expect(await told(descriptionsOf('{"a":"b"}'))).toEqual({ a: "b" })
    expect(await told(descriptionsOf("{"))).toBe("--scope-descriptions is no JSON object")
  })

  it("is judged with the features, by the flags that it came from", async () => {
    const settings = (given: Partial<ServeFlags>) => told(servedSettings({ ...defaults, ...given }, 4123))
    expect(await settings({ scopeDescriptions: Option.some('{"read":"see"}'), formPost: true })).toMatchObject({
      config: { ...byDefault, scopeDescriptions: { read: "see" } },
      features: expect.arrayContaining([expect.objectContaining({ name: "form_post" })]),
    })
    expect(await settings({ scopeDescriptions: Option.some("x") })).toBe("--scope-descriptions is no JSON object")
    expect(await settings({ cimd: true, cimdBlock: Option.some("evil") })).toBe(
      "the blocked origin `evil` is not one like https://evil.example or https://*.evil.example",
    )
    expect(await settings({ accessTokenTtl: 0 })).toBe(
      "--access-token-ttl is `0`: give a value between 1 and 315360000",
    )
    const short = await settings({ jwtAccessTokens: Option.some("all"), jwtTtl: 20 })
    expect(short).toMatch(/--refresh-retry-window/)
  })
})

describe("flags that contradict each other", () => {
  const some = Option.some<string>
  const APPROVE = "--auto-approve is for this machine: leave out --host"
  const CIMD = "--allow-loopback-cimd is for development: leave out --issuer"
  const port = (name: string) => `--${name} \`70000\` is not between 0 and 65535`

  it.each<[Partial<ServeFlags>, string | undefined]>([
    [{}, undefined],
    [{ port: 70_000 }, port("port")],
    [{ metricsPort: Option.some(70_000) }, port("metrics-port")],
    [{ adminPort: Option.some(70_000) }, port("admin-port")],
    [{ tilesPort: Option.some(70_000) }, port("tiles-port")],
    [{ autoApprove: some("a"), host: some("0.0.0.0") }, APPROVE],
    [{ autoApprove: some("a"), host: some("127.0.0.1") }, undefined],
    [{ autoApprove: some("a") }, undefined],
    [{ host: some("0.0.0.0") }, undefined],
    [{ allowLoopbackCimd: true, issuer: some("https://id.example") }, CIMD],
    [{ allowLoopbackCimd: true, issuer: some("http://localhost:4000") }, undefined],
    [{ issuer: some("https://id.example") }, undefined],
    [{ profile: Option.some("fapi2"), dpop: "on" }, "--profile fapi2 settles --dpop: leave it out"],
    [{ jwtTtl: 30 }, "--jwt-ttl does nothing without --jwt-access-tokens: give that too, or leave it out"],
  ])("are refused in a sentence (%#)", async (given, sentence) => {
    expect(await told(refuseContradictions({ ...defaults, ...given }))).toBe(sentence)
  })
})
