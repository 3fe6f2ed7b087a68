/** A fault of the configuration, said to whoever typed it: members by the names of the flags that set them. */
import { ConfigFault, type Config } from "../provider/index.ts"
import { shownValue, wanted } from "./Invocation.ts"

const flagOf: Readonly<Record<string, string>> = {
  issuer: "issuer",
  scopes: "scopes",
  defaultScopes: "default-scopes",
  resources: "resource",
  defaultResource: "default-resource",
  registrationGrants: "registration-grants",
  maxDynamicClients: "max-dynamic-clients",
  registrationRate: "registration-rate",
  tokenRate: "token-rate",
  unusedClientLifetime: "unused-client-ttl",
  clientSecretLifetime: "client-secret-ttl",
  appSchemes: "app-schemes",
  "lifetimes.accessToken": "access-token-ttl",
  "lifetimes.code": "code-ttl",
  "lifetimes.refreshIdle": "refresh-idle-ttl",
  "lifetimes.grant": "grant-ttl",
  retryWindow: "refresh-retry-window",
  "retryWindow.public": "refresh-retry-window",
  "session.idle": "session-idle",
  "session.absolute": "session-max",
  displayName: "display-name",
  logo: "logo",
  scopeDescriptions: "scope-descriptions",
  autoApprove: "auto-approve",
}

/** What the library says: `config: Expected …`, and the way to the member in brackets. */
const MISFIT = /^config: [Ee]xpected (.*?)\s+at ((?:\[[^\]]+\])+)$/s

/** The longest beginning of the way that is the name of a member. */
const memberOf = (way: string): string | undefined =>
  [2, 1].map((count) => namesIn(way).slice(0, count).join(".")).find((name) => Object.hasOwn(flagOf, name))

/** `["lifetimes"]["code"]` as its names. */
const namesIn = (way: string): ReadonlyArray<string> =>
  way
    .slice(1, -1)
    .split("][")
    .map((name) => name.replaceAll('"', ""))

/** A name of a member where it is the subject of a sentence, or one that is no word of its own. */
const MEMBERS =
  /(?<=that )scopes(?= has not)|^(?:issuer|scopes|logo)\b|\b(?:[a-z]+\.[a-z][A-Za-z]*|[a-z]+[A-Z][A-Za-z]*|retryWindow)\b/g

const named = (name: string): string => (Object.hasOwn(flagOf, name) ? `--${flagOf[name]}` : name)

const valueAt = (config: unknown, way: string): unknown =>
  namesIn(way).reduce<unknown>(
    (value, name) => (typeof value === "object" && value !== null ? Reflect.get(value, name) : undefined),
    config,
  )

/** What the library says of a member that a flag sets, with what was given; `undefined` where it says something else. */
const misfitIn = (message: string, config: Config): string | undefined => {
  const found = MISFIT.exec(message)
  if (found === null) return undefined
  const [expected, way] = [found[1]!, found[2]!]
  const member = memberOf(way)
  if (member === undefined) return undefined
  return `--${flagOf[member]} is \`${shownValue(String(valueAt(config, way)))}\`: give ${wanted(expected)}`
}

/** The sentence with flags in the place of members; what stands in backticks was given, and stays. */
const withFlags = (message: string): string =>
  message
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(MEMBERS, (name) => named(name))))
    .join("")

/** The fault that a configuration has, told by its flags; what was given is shown. */
export const byFlag = ({ message }: ConfigFault, config: Config): ConfigFault =>
  new ConfigFault({ message: misfitIn(message, config) ?? withFlags(message) })
