/**
 * What a protected resource is told about itself, checked once: a mistake is refused before the first request.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"
import { addressFault } from "../protocol/index.ts"
import { ResourceFault } from "./ResourceError.ts"

const ScopeToken = Schema.String.check(Schema.isPattern(/^[\x21\x23-\x5b\x5d-\x7e]{1,128}$/))

export const ResourceOptions = Schema.Struct({
  /** This resource's own URL, exactly as clients are told and tokens are asked for. */
  resource: Schema.String,
  /** The issuers whose tokens are taken, each as its own metadata spells it. */
  authorizationServers: Schema.Array(Schema.String).check(Schema.isMinLength(1)),
  /** What a token must allow, all of it. */
  scopes: Schema.optionalKey(Schema.Array(ScopeToken)),
  /** Scopes that include others: `{ admin: ["read", "write"] }`. */
  impliedScopes: Schema.optionalKey(Schema.Record(Schema.String, Schema.Array(ScopeToken))),
  /** What clients can ask for, where that is more than `scopes`. */
  scopesSupported: Schema.optionalKey(Schema.Array(ScopeToken)),
  /**
   * Whether a token that names no resource at all (no `aud`) is let in; no by default. Only for an authorization server
   * whose tokens are for nothing else: any other could be used here by whoever it was shown to.
   */
  acceptsMissingAudience: Schema.optionalKey(Schema.Boolean),
  /**
   * What the handler gets without a token: `OPTIONS`, where the host answers preflights itself, and paths below
   * `/.well-known/` at the root of the host. Nothing by default: preflights are answered with 204, the paths with 404.
   */
  handsOn: Schema.optionalKey(
    Schema.Array(Schema.String.check(Schema.isPattern(/^(?:OPTIONS|\/\.well-known\/[^?#]+)$/))),
  ),
  /** What people are shown of this resource. */
  resourceName: Schema.optionalKey(Schema.String),
  /** Where developers read about it. */
  resourceDocumentation: Schema.optionalKey(Schema.String),
})
export type ResourceOptions = typeof ResourceOptions.Encoded

/** A misspelled option would leave something unprotected, so that it is refused. */
const decode = Schema.decodeUnknownResult(ResourceOptions, { onExcessProperty: "error" })

/** What is called later must be callable now; throws a {@link ResourceFault}. */
export const requireFunctions = (owner: string, options: Readonly<Record<string, unknown>>): void => {
  const wrong = Object.keys(options).find((name) => typeof options[name] !== "function")
  if (wrong === undefined) return
  throw new ResourceFault({ code: "option_invalid", message: `${owner}: ${wrong} is not a function` })
}

/** Checks `input`; throws a {@link ResourceFault}. */
export const checkedOptions = (input: unknown): typeof ResourceOptions.Type => {
  const options = Result.getOrThrowWith(
    decode(input),
    ({ message }) => new ResourceFault({ code: "option_invalid", message: `protectResource: ${message}` }),
  )
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
  if ([...(options.scopes ?? []), ...(options.scopesSupported ?? [])].includes("offline_access")) {
    const message = "`offline_access` is between client and authorization server: take it out of the scopes"
    throw new ResourceFault({ code: "scope_invalid", message })
  }
  return options
}
