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

/** The fault that a configuration has, told by its flags; what was given is shown. */
export const byFlag = ({ message }: ConfigFault, config: Config): ConfigFault => {
  const [, expected = "", way = ""] = MISFIT.exec(message) ?? []
  const member = memberOf(way)
  if (member !== undefined) {
    const value = shownValue(String(valueAt(config, way)))
    return new ConfigFault({ message: `--${flagOf[member]} is \`${value}\`: give ${wanted(expected)}` })
  }
  const said = message
    .split(/(`[^`]*`)/)
    .map((part, index) => (index % 2 === 1 ? part : part.replaceAll(MEMBERS, (name) => named(name))))
  return new ConfigFault({ message: said.join("") })
}
