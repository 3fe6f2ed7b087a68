/**
 * What a server says of itself: its metadata, by RFC 8414 and by OpenID Connect Discovery. Endpoints that were named for
 * the check take the place of those in it, and of all of it where there is none.
 *
 * It only reads. Whether the metadata is right is a rule of its own; without endpoints there is nothing to check.
 */
import { refusalIn } from "../../../src/outbound/index.ts"
import { TOKEN_EXCHANGE } from "../../Operation.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import type { Wire, WireAnswer } from "./Wire.ts"

/** The endpoints that a check uses, by their names in the metadata. */
export const endpointNames = [
  "authorization",
  "token",
  "registration",
  "revocation",
  "introspection",
  "userinfo",
  "pushed_authorization_request",
] as const

export type EndpointName = (typeof endpointNames)[number]
export type Endpoints = Readonly<Partial<Record<EndpointName, string>>>

export interface Metadata {
  /** As the server spells it. */
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly registrationEndpoint: string | undefined
  readonly revocationEndpoint: string | undefined
  readonly introspectionEndpoint: string | undefined
  readonly userinfoEndpoint: string | undefined
  /** RFC 9126; `undefined` where nothing has to be pushed. */
  readonly pushingEndpoint: string | undefined
  readonly scopes: ReadonlyArray<string>
  /** Every member, as it came. */
  readonly members: Readonly<Record<string, unknown>>
  /** Where it was found; `undefined` where there is none. */
  readonly url: string | undefined
}

/** The server says nothing of itself. */
export class NoMetadata extends CannotCheck {}

/** RFC 8414 3.1 inserts before the issuer's path; OpenID Connect Discovery 4 appends. */
const candidates = (issuer: string): ReadonlyArray<string> => {
  const { origin, pathname } = new URL(issuer)
  const path = pathname.replace(/\/$/, "")
  return [
    ...new Set([
      `${origin}/.well-known/oauth-authorization-server${path}`,
      `${origin}/.well-known/openid-configuration${path}`,
      `${origin}${path}/.well-known/openid-configuration`,
    ]),
  ]
}

export const textMember = (members: Readonly<Record<string, unknown>>, name: string): string | undefined =>
  typeof members[name] === "string" && members[name] !== "" ? members[name] : undefined

export const listMember = (members: Readonly<Record<string, unknown>>, name: string): ReadonlyArray<string> =>
  Array.isArray(members[name]) ? members[name].filter((one) => typeof one === "string") : []

/** How clients may authenticate at the token endpoint; none named means Basic (RFC 8414 2). */
export const authMethodsOf = ({ members }: Metadata): ReadonlyArray<string> =>
  listMember(members, "token_endpoint_auth_methods_supported")

/** Whether the server says that tokens can be exchanged (RFC 8693). */
export const isExchanging = ({ members }: Metadata): boolean =>
  listMember(members, "grant_types_supported").includes(TOKEN_EXCHANGE)

/** Reads the metadata of `issuer`; `undefined` where it has none. `tried` gets what was looked at. */
const found = async (wire: Wire, issuer: string, tried: Array<string>): Promise<[string, WireAnswer] | undefined> => {
  for (const url of candidates(issuer)) {
    const answer = await wire.send({ method: "GET", url, headers: { accept: "application/json" } }).catch((cause) => {
      throw new CannotCheck(`\`${issuer}\` cannot be reached: ${reasonOf(cause)}`)
    })
    if (answer.status === 200 && Object.keys(answer.body).length > 0) return [url, answer]
    tried.push(`${url} (${answer.status})`)
  }
  return undefined
}

export const discover = async (wire: Wire, issuer: string, endpoints: Endpoints = {}): Promise<Metadata> => {
  const tried: Array<string> = []
  const metadata = await found(wire, issuer, tried)
  if (metadata !== undefined) return read(wire, endpoints, ...metadata)
  if (endpoints.authorization !== undefined && endpoints.token !== undefined) return read(wire, endpoints)
  throw new NoMetadata(
    `\`${issuer}\` has no metadata: looked at ${tried.join(", ")}; name its endpoints with --authorization-endpoint and --token-endpoint`,
  )
}

/** What went wrong on the way, as far down as it is known. */
export const reasonOf = (cause: unknown): string => {
  const refused = refusalIn(cause)
  if (refused !== undefined) return refused.message
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause
  const { code, message } = Object(inner) as { readonly code?: unknown; readonly message?: unknown }
  return typeof code === "string" ? code : typeof message === "string" ? message : String(inner)
}

const read = (wire: Wire, named: Endpoints, url?: string, answer?: WireAnswer): Metadata => {
  const members = answer?.body ?? {}
  const endpoint = (name: EndpointName): string | undefined => {
    const member = `${name}_endpoint`
    const text = named[name] ?? textMember(members, member)
    if (text === undefined || wire.isAllowed(text)) return text
    const source = named[name] === undefined ? `the metadata at ${url}` : "the check"
    throw new CannotCheck(`${source} names \`${text}\` as ${member}, which is on another host`)
  }
  const required = (name: EndpointName): string => {
    const text = endpoint(name)
    if (text === undefined) throw new CannotCheck(`the metadata at ${url} names no ${name}_endpoint`)
    return text
  }
  const isPushing =
    named.pushed_authorization_request !== undefined || members["require_pushed_authorization_requests"] === true
  return {
    issuer: textMember(members, "issuer") ?? "",
    authorizationEndpoint: required("authorization"),
    tokenEndpoint: required("token"),
    registrationEndpoint: endpoint("registration"),
    revocationEndpoint: endpoint("revocation"),
    introspectionEndpoint: endpoint("introspection"),
    userinfoEndpoint: endpoint("userinfo"),
    pushingEndpoint: isPushing ? required("pushed_authorization_request") : undefined,
    scopes: listMember(members, "scopes_supported"),
    members,
    url,
  }
}
