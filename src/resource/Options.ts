/**
 * What a protected resource is told about itself, checked once: a mistake is refused before the first request.
 */
import { addressFault, OFFLINE_ACCESS, SCOPE_TOKEN } from "../protocol/index.ts"
import { expecting, listOf, objectWith, recordOf, text, textLike, type Rule } from "../protocol/Shape.ts"
import { ResourceFault } from "./ResourceError.ts"

/** What is protected, and which tokens are taken. */
export interface ResourceOptions {
  /** This resource's own URL, exactly as clients are told and tokens are asked for. */
  readonly resource: string
  /** The issuers whose tokens are taken, at least one, each as its own metadata spells it. */
  readonly authorizationServers: ReadonlyArray<string>
  /** What a token must allow, all of it. */
  readonly scopes?: ReadonlyArray<string>
  /** Scopes that include others: `{ admin: ["read", "write"] }`. */
  readonly impliedScopes?: Readonly<Record<string, ReadonlyArray<string>>>
  /** What clients can ask for, where that is more than `scopes`. */
  readonly scopesSupported?: ReadonlyArray<string>
  /**
   * Whether a token that names no resource at all (no `aud`) is let in; no by default. Only for an authorization server
   * whose tokens are for nothing else: any other could be used here by whoever it was shown to.
   */
  readonly acceptsMissingAudience?: boolean
  /**
   * What the handler gets without a token: `OPTIONS`, where the host answers preflights itself, and paths below
   * `/.well-known/` at the root of the host. Nothing by default: preflights are answered with 204, the paths with 404.
   */
  readonly handsOn?: ReadonlyArray<string>
  /** What people are shown of this resource. */
  readonly resourceName?: string
  /** Where developers read about it. */
  readonly resourceDocumentation?: string
}

const scopeList = listOf(textLike("a scope", SCOPE_TOKEN))

/** A misspelled option would leave something unprotected, so that it is refused. */
const shape = objectWith({
  required: {
    resource: text,
    authorizationServers: (value, at) =>
      listOf(text)(value, at) ?? expecting("at least one issuer", (list) => (list as []).length > 0)(value, at),
  } satisfies Partial<Record<keyof ResourceOptions, Rule>>,
  optional: {
    scopes: scopeList,
    impliedScopes: recordOf(scopeList),
    scopesSupported: scopeList,
    acceptsMissingAudience: expecting("true or false", (value) => typeof value === "boolean"),
    handsOn: listOf(textLike("`OPTIONS` or a path below `/.well-known/`", /^(?:OPTIONS|\/\.well-known\/[^?#]+)$/)),
    resourceName: text,
    resourceDocumentation: text,
  } satisfies Partial<Record<keyof ResourceOptions, Rule>>,
  isOpen: false,
})

/** What is called later must be callable now; throws a {@link ResourceFault}. */
export const requireFunctions = (owner: string, options: Readonly<Record<string, unknown>>): void => {
  const wrong = Object.keys(options).find((name) => typeof options[name] !== "function")
  if (wrong === undefined) return
  throw new ResourceFault({ code: "option_invalid", message: `${owner}: ${wrong} is not a function` })
}

/** A copy of what was given, once it is like `rule`; throws a {@link ResourceFault} that names the option. */
export const optionsLike = <Options>(owner: string, rule: Rule, input: Options): Options => {
  const fault = rule(input, "")
  if (fault !== undefined) throw new ResourceFault({ code: "option_invalid", message: `${owner}: ${fault}` })
  return structuredClone(input)
}

/** Checks `input`; throws a {@link ResourceFault}. */
export const checkedOptions = (input: ResourceOptions): ResourceOptions => {
  const options = optionsLike("protectResource", shape, input)
  //= RFC9728-2-resource-member
  const fault = addressFault(options.resource)
  if (fault !== undefined) {
    throw new ResourceFault({ code: "resource_invalid", message: `resource \`${options.resource}\` ${fault}` })
  }
  for (const issuer of options.authorizationServers) {
    const issuerFault = addressFault(issuer) ?? (issuer.includes("?") ? "has a query" : undefined)
    if (issuerFault === undefined) continue
    const message = `authorizationServers has \`${issuer}\`, which ${issuerFault}`
    throw new ResourceFault({ code: "authorization_server_invalid", message })
  }
  //= MCP-AUTHZ-rs-no-offline-access
  if ([...(options.scopes ?? []), ...(options.scopesSupported ?? [])].includes(OFFLINE_ACCESS)) {
    const message = "`offline_access` is between client and authorization server: take it out of the scopes"
    throw new ResourceFault({ code: "scope_invalid", message })
  }
  return options
}
