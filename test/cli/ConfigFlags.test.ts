/** A fault of the configuration, told by the flags: of every member that one sets, and of nothing else. */
import { expect, it } from "vitest"
import { byFlag } from "../../src/cli/ConfigFlags.ts"
import { ConfigFault, type Config } from "../../src/provider/index.ts"

const told = (message: string, config: object = {}): string =>
  byFlag(new ConfigFault({ message }), { issuer: "http://localhost:4000", ...config } as Config).message

/** By their ways in a configuration. */
const flags: ReadonlyArray<readonly [way: string, flag: string, value: object]> = [
  ['["issuer"]', "issuer", { issuer: "x" }],
  ['["scopes"]', "scopes", { scopes: "x" }],
  ['["scopes"][0]', "scopes", { scopes: ["x"] }],
  ['["defaultScopes"]', "default-scopes", { defaultScopes: "x" }],
  ['["resources"]', "resource", { resources: "x" }],
  ['["defaultResource"]', "default-resource", { defaultResource: "x" }],
  ['["registrationGrants"]', "registration-grants", { registrationGrants: "x" }],
  ['["maxDynamicClients"]', "max-dynamic-clients", { maxDynamicClients: "x" }],
  ['["registrationRate"]', "registration-rate", { registrationRate: "x" }],
  ['["tokenRate"]', "token-rate", { tokenRate: "x" }],
  ['["unusedClientLifetime"]', "unused-client-ttl", { unusedClientLifetime: "x" }],
  ['["clientSecretLifetime"]', "client-secret-ttl", { clientSecretLifetime: "x" }],
  ['["appSchemes"]', "app-schemes", { appSchemes: "x" }],
  ['["lifetimes"]["accessToken"]', "access-token-ttl", { lifetimes: { accessToken: "x" } }],
  ['["lifetimes"]["code"]', "code-ttl", { lifetimes: { code: "x" } }],
  ['["lifetimes"]["refreshIdle"]', "refresh-idle-ttl", { lifetimes: { refreshIdle: "x" } }],
  ['["lifetimes"]["grant"]', "grant-ttl", { lifetimes: { grant: "x" } }],
  ['["retryWindow"]', "refresh-retry-window", { retryWindow: "x" }],
  ['["retryWindow"]["public"]', "refresh-retry-window", { retryWindow: { public: "x" } }],
  ['["session"]["idle"]', "session-idle", { session: { idle: "x" } }],
  ['["session"]["absolute"]', "session-max", { session: { absolute: "x" } }],
  ['["displayName"]', "display-name", { displayName: "x" }],
  ['["logo"]', "logo", { logo: "x" }],
  ['["scopeDescriptions"]', "scope-descriptions", { scopeDescriptions: "x" }],
  ['["autoApprove"]', "auto-approve", { autoApprove: "x" }],
]

it.each(flags)("a value that is none at %s is told by its flag", (way, flag, config) => {
  for (const expected of ["Expected", "expected"])
    expect(told(`config: ${expected} string\n  at ${way}`, config)).toBe(`--${flag} is \`x\`: give text`)
})

it("the value is shown as it was given, and `undefined` where there is none on the way", () => {
  expect(told('config: Expected string at ["lifetimes"]["code"]', { lifetimes: null })).toBe(
    "--code-ttl is `undefined`: give text",
  )
  expect(told('config: Expected string at ["lifetimes"]["code"]', { lifetimes: "code" })).toBe(
    "--code-ttl is `undefined`: give text",
  )
  expect(told('config: Expected a value\nof two lines at ["logo"]', { logo: "x" })).toBe(
    "--logo is `x`: give a value\nof two lines",
  )
})

it.each([
  ["issuer is no URL", "--issuer is no URL"],
  ["the issuer is no URL", "the issuer is no URL"],
  ["scopes are none", "--scopes are none"],
  ["logo is none", "--logo is none"],
  ["issuers are none", "issuers are none"],
  ["defaultScopes has a scope that scopes has not", "--default-scopes has a scope that --scopes has not"],
  ["a grant that scopes have", "a grant that scopes have"],
  ["lifetimes.code is longer than session.idle", "--code-ttl is longer than --session-idle"],
  [
    "retryWindow must be shorter than lifetimes.accessToken",
    "--refresh-retry-window must be shorter than --access-token-ttl",
  ],
  ["appSchemes `appSchemes logo` and displayName", "--app-schemes `appSchemes logo` and --display-name"],
  [
    "a member of ours that has no flag: jwksUri, or other.member",
    "a member of ours that has no flag: jwksUri, or other.member",
  ],
  ["constructor.name and toString are names of nothing", "constructor.name and toString are names of nothing"],
  ['config: Expected string at ["features"]', 'config: Expected string at ["features"]'],
  ['config: Expected string at ["features"]["logo"]', 'config: Expected string at ["features"]["logo"]'],
  ['the config: Expected string at ["logo"]', 'the config: Expected string at ["logo"]'],
  ['config: Expected string at ["logo"] or so', 'config: Expected string at ["logo"] or so'],
])("a sentence names flags in the place of members that it is about: %s", (sentence, expected) => {
  expect(told(sentence)).toBe(expected)
})
