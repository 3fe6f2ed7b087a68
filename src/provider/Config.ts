/**
 * What can be set, decoded once: a mistake is refused when the server is made, with a sentence, not at the first request.
 */
import { isIP } from "node:net"
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { DEVICE_CODE_GRANT, dangerousSchemes, distinctResources, isSubset, knownAppSchemes } from "../protocol/index.ts"
import {
  DisplayText,
  GrantType,
  Resource,
  Scope,
  Text,
  defaultLifetimes,
  inSeconds,
  parseScopes,
  type Lifetimes,
  type Millis,
} from "../core/index.ts"
import { AccountName } from "./Accounts.ts"
import { isLoopbackIssuer } from "./Authority.ts"
import { ConfigFault } from "./ConfigFault.ts"
import type { Features } from "./features/Features.ts"
import { standard } from "./features/standard.ts"
import type { SessionLifetimes } from "./Sessions.ts"

const Seconds = Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 10 * 365 * 86_400 }))
const SecondsOrNone = Schema.Int.check(Schema.isBetween({ minimum: 0, maximum: 86_400 }))

const Rate = Schema.Union([
  Schema.Literal("off"),
  Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: 1_000_000 })),
])

/** Everything that can be set; only `issuer` must be. Durations are in seconds. */
export const Config = Schema.Struct({
  /** The issuer identifier, exactly as it shall appear everywhere: https, or http on a loopback host. */
  issuer: Text(512),
  /** All scopes that there are; default `read` and `write`. */
  scopes: Schema.optionalKey(Schema.Array(Scope)),
  /** The scopes of a request that names none; default the first of `scopes`. */
  defaultScopes: Schema.optionalKey(Schema.Array(Scope)),
  /**
   * Which resources tokens may be asked for (RFC 8707); resource servers that were added are known besides. Default `any`
   * on a loopback issuer, and none elsewhere.
   */
  resources: Schema.optionalKey(Schema.Union([Schema.Literal("any"), Schema.Array(Resource)])),
  /** The resource of a request that names none; default the only one that is known. It counts as known. */
  defaultResource: Schema.optionalKey(Resource),
  /** Who may register: everybody, whom an operator invited with an initial access token, or nobody. Default `open`. */
  registration: Schema.optionalKey(Schema.Literals(["open", "invited", "off"])),
  /** The grant types that a client which registered itself may use; client credentials and device codes are nobody's unless they are here. */
  registrationGrants: Schema.optionalKey(Schema.Array(GrantType)),
  /** How many clients may register themselves; default 10 000. */
  maxDynamicClients: Schema.optionalKey(Schema.Int.check(Schema.isGreaterThanOrEqualTo(0))),
  /** How many clients may register themselves in an hour, all together; default 600. */
  registrationRate: Schema.optionalKey(Rate),
  /** How many tokens a grant may get in a minute; a client gets ten times as many for itself. Default 60. */
  tokenRate: Schema.optionalKey(Rate),
  /** How long a client that registered itself is kept if nobody ever approves it; default a day. */
  unusedClientLifetime: Schema.optionalKey(Seconds),
  /** How long the secret of a client that registers itself is valid; default for ever. */
  clientSecretLifetime: Schema.optionalKey(Seconds),
  /** Dotless private-use redirect schemes, besides those of known MCP clients. */
  appSchemes: Schema.optionalKey(
    Schema.Array(
      Schema.String.check(
        Schema.isPattern(/^[a-z][a-z0-9+-]*$/, { expected: "a scheme in small letters, digits, + and -" }),
      ),
    ),
  ),
  /** How long things live. */
  lifetimes: Schema.optionalKey(
    Schema.Struct({
      /** How long somebody may take to answer an authorization request; default 600. */
      request: Schema.optionalKey(Seconds),
      /** How long a code can be redeemed; default 60. */
      code: Schema.optionalKey(Seconds),
      /** How long an access token is good for; default 3600. */
      accessToken: Schema.optionalKey(Seconds),
      /** How long a refresh token is good for if it is not used; default 30 days. */
      refreshIdle: Schema.optionalKey(Seconds),
      /** How long anything that comes of a grant is good for, at most; default 365 days. */
      grant: Schema.optionalKey(Seconds),
    }),
  ),
  /** How long a spent refresh token is answered with its successor again, by client type; 0 is never. Default 30. */
  retryWindow: Schema.optionalKey(Schema.Struct({ public: SecondsOrNone, confidential: SecondsOrNone })),
  /** What a scope allows, for the people who are asked: a phrase that goes on from "It wants to". */
  scopeDescriptions: Schema.optionalKey(Schema.Record(Schema.String, DisplayText(200))),
  /** What people see as the name of the host; default `grantlog`. */
  displayName: Schema.optionalKey(DisplayText(64)),
  /** A picture of the host, by https or data URI; none by default. */
  logo: Schema.optionalKey(
    Text(65_536).check(
      Schema.isPattern(/^(?:https:\/\/[\x21-\x7e]+|data:image\/[a-z+]+;base64,[A-Za-z0-9+/=]+)$/, {
        expected: "an address that begins with https://, or data:image/…;base64,…",
      }),
    ),
  ),
  /** How long a person stays signed in without activity (default 8 hours), and at most (default 7 days). */
  session: Schema.optionalKey(
    Schema.Struct({ idle: Schema.optionalKey(Seconds), absolute: Schema.optionalKey(Seconds) }),
  ),
  /** Development only: the account that approves every request for a loopback redirect URI. */
  autoApprove: Schema.optionalKey(AccountName),
  /** A page for developers, named in the metadata (RFC 8414 section 2); none by default. */
  serviceDocumentation: Schema.optionalKey(Text(512)),
})
export type Config = typeof Config.Encoded

/** A configuration with every default filled in and every rule checked. Lifetimes are in milliseconds. */
export interface Settings {
  /** The issuer identifier. */
  readonly issuer: string
  /** All scopes that there are. */
  readonly scopes: ReadonlyArray<Scope>
  /** The scopes of a request that names none. */
  readonly defaultScopes: ReadonlyArray<Scope>
  /** The resources that tokens may be asked for. */
  readonly resources: "any" | ReadonlyArray<Resource>
  /** The resource of a request that names none. */
  readonly defaultResource: Resource | undefined
  /** Whether clients may register themselves. */
  readonly registration: "open" | "invited" | "off"
  /** The grant types that such a client may use. */
  readonly registrationGrants: ReadonlyArray<GrantType>
  /** How many clients may register themselves. */
  readonly maxDynamicClients: number
  /** How many of them in an hour. */
  readonly registrationRate: number | "off"
  /** How many tokens a grant may get in a minute. */
  readonly tokenRate: number | "off"
  /** How long such a client is kept if nobody approves it. */
  readonly unusedClientLifetime: Millis
  /** How long its secret is valid; `undefined` for ever. */
  readonly clientSecretLifetime: Millis | undefined
  /** Private-use redirect schemes without a dot, those of known MCP clients among them. */
  readonly appSchemes: ReadonlyArray<string>
  /** How long things live, by client type. */
  readonly lifetimes: { readonly public: Lifetimes; readonly confidential: Lifetimes }
  /** What a scope allows, for people. */
  readonly scopeDescriptions: Readonly<Record<string, string>>
  /** What people see as the name of the host. */
  readonly displayName: string
  /** A picture of the host. */
  readonly logo: string | undefined
  /** How long a person stays signed in. */
  readonly session: SessionLifetimes
  /** The account that approves every request for a loopback redirect URI. */
  readonly autoApprove: string | undefined
  /** A page for developers. */
  readonly serviceDocumentation: string | undefined
}

const decode = Schema.decodeUnknownResult(Config, { onExcessProperty: "error" })

const refuse = (message: string): never => {
  throw new ConfigFault({ message })
}

/** Checks `input` for a server with these features and fills in what it leaves out; throws a {@link ConfigFault}. */
export const settingsOf = (
  input: unknown,
  { grantTypes, passkeys, scopes: more }: Pick<Features, "grantTypes" | "passkeys" | "scopes"> = standard,
): Settings => {
  const config = Result.getOrThrowWith(
    decode(input),
    (issue) => new ConfigFault({ message: `config: ${issue.message}` }),
  )
  const named = config.scopes ?? parseScopes("read write")!
  const scopes = parseScopes([...named, ...more].join(" ")) ?? refuse("scopes has more than 64")
  const defaultScopes = config.defaultScopes ?? scopes.slice(0, 1)
  const fault = issuerFault(config.issuer)
  if (fault !== undefined) refuse(`issuer \`${config.issuer}\` ${fault}`)
  if (passkeys !== undefined && isIP(new URL(config.issuer).hostname.replace(/^\[|\]$/g, "")) !== 0) {
    refuse(
      `issuer \`${config.issuer}\` is an address, which browsers make no passkeys for: use a name like http://localhost`,
    )
  }
  if (config.logo !== undefined && !isPictureAddress(config.logo)) {
    refuse(`logo \`${config.logo.slice(0, 64)}\` has no plain host name: use one like https://host.example/logo.png`)
  }
  if (!isSubset(defaultScopes, scopes)) refuse("defaultScopes has a scope that scopes has not")
  if (scopes.length > 0 && defaultScopes.length === 0)
    refuse("defaultScopes is empty: name what a request without scope gets")
  const dangerous = config.appSchemes?.find((scheme) => dangerousSchemes.includes(scheme))
  if (dangerous !== undefined) refuse(`appSchemes has \`${dangerous}\`, which browsers give a meaning of its own`)
  if (config.autoApprove !== undefined && !isLoopbackIssuer(config.issuer)) {
    refuse("autoApprove is for development: it needs an issuer on localhost, 127.0.0.1 or [::1]")
  }
  return {
    issuer: config.issuer,
    scopes,
    defaultScopes,
    resources: resourcesOf(config),
    defaultResource: config.defaultResource,
    registration: config.registration ?? "open",
    registrationGrants: registrationGrantsOf(config, grantTypes),
    maxDynamicClients: config.maxDynamicClients ?? 10_000,
    registrationRate: config.registrationRate ?? 600,
    tokenRate: config.tokenRate ?? 60,
    unusedClientLifetime: inSeconds(config.unusedClientLifetime ?? 86_400),
    clientSecretLifetime:
      config.clientSecretLifetime === undefined ? undefined : inSeconds(config.clientSecretLifetime),
    appSchemes: [...knownAppSchemes, ...(config.appSchemes ?? [])],
    lifetimes: lifetimesOf(config),
    scopeDescriptions: config.scopeDescriptions ?? {},
    displayName: config.displayName ?? "grantlog",
    logo: config.logo,
    session: sessionLifetimesOf(config.session),
    autoApprove: config.autoApprove,
    serviceDocumentation: config.serviceDocumentation,
  }
}

const resourcesOf = ({ issuer, resources, defaultResource }: typeof Config.Type): Settings["resources"] => {
  const listed = resources ?? (isLoopbackIssuer(issuer) ? "any" : [])
  return listed === "any" || defaultResource === undefined ? listed : distinctResources([...listed, defaultResource])
}

/** What a client that registers itself may use unless the operator says otherwise, of what there is. */
const ownGrants: ReadonlyArray<GrantType> = ["authorization_code", "refresh_token"]

const registrationGrantsOf = (
  config: typeof Config.Type,
  grantTypes: Features["grantTypes"],
): ReadonlyArray<GrantType> => {
  const { registrationGrants = ownGrants.filter((one) => grantTypes.has(one)) } = config
  const unknown = registrationGrants.find((one) => !grantTypes.has(one))
  if (unknown !== undefined) {
    const there = [...grantTypes.keys()].join(", ")
    refuse(`config: registrationGrants has \`${unknown}\`, which this server does not have; use some of ${there}`)
  }
  if (registrationGrants.length === 0) refuse("registrationGrants is empty: turn registration off instead")
  const isRefreshable = ["authorization_code", DEVICE_CODE_GRANT].some((one) => registrationGrants.includes(one))
  if (registrationGrants.includes("refresh_token") && !isRefreshable) {
    refuse("registrationGrants has refresh_token without authorization_code, which refresh tokens come from")
  }
  return registrationGrants
}

const lifetimesOf = ({ lifetimes = {}, retryWindow }: typeof Config.Type): Settings["lifetimes"] => {
  const set = Object.fromEntries(Object.entries(lifetimes).map(([name, seconds]) => [name, inSeconds(seconds)]))
  const common: Lifetimes = { ...defaultLifetimes, ...set }
  //= OAUTH21-4.1.2-code-short-life
  if (common.code > inSeconds(600)) refuse("lifetimes.code is longer than 600 seconds")
  const withWindow = (seconds: number | undefined): Lifetimes => {
    const window = seconds === undefined ? common.retryWindow : inSeconds(seconds)
    // INVARIANT: an answer that is repeated for a retry has never expired.
    if (window >= common.accessToken) refuse("retryWindow must be shorter than lifetimes.accessToken")
    return { ...common, retryWindow: window }
  }
  return { public: withWindow(retryWindow?.public), confidential: withWindow(retryWindow?.confidential) }
}

/** Pages name the origin of the picture in their policy, where it must be one word. */
const isPictureAddress = (logo: string): boolean =>
  logo.startsWith("data:") ||
  (URL.canParse(logo) && /^https:\/\/(?:[a-z0-9._-]+|\[[0-9a-f:]+\])(?::\d+)?$/.test(new URL(logo).origin))

/** Default eight hours and a week. */
const sessionLifetimesOf = ({ idle = 28_800, absolute = 604_800 }: (typeof Config.Type)["session"] = {}) =>
  idle > absolute
    ? refuse("session.idle is longer than session.absolute")
    : { idle: inSeconds(idle), absolute: inSeconds(absolute) }

/** Why `issuer` cannot be an issuer identifier (RFC 8414 2); `undefined` when it can. */
//= RFC8414-2-issuer-form
export const issuerFault = (issuer: string): string | undefined => {
  if (!URL.canParse(issuer)) return "is not a URL"
  const { protocol, search, hash, username, password } = new URL(issuer)
  //= MCP-AUTHZ-as-https
  if (protocol !== "https:" && !isLoopbackIssuer(issuer))
    return "is not https; http is for localhost, 127.0.0.1 and [::1]"
  if (search !== "" || hash !== "" || /[?#]/.test(issuer)) return "has a query or fragment"
  if (username !== "" || password !== "") return "has user information"
  return undefined
}
