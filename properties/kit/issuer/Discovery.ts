/**
 * What a server says of itself: its metadata, by RFC 8414 and by OpenID Connect Discovery.
 *
 * It only reads. Whether the metadata is right is a rule of its own; without endpoints there is nothing to check.
 */
import { refusalIn } from "../../../src/outbound/index.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import type { Wire, WireAnswer } from "./Wire.ts"

export interface Metadata {
  /** As the server spells it. */
  readonly issuer: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  readonly registrationEndpoint: string | undefined
  readonly revocationEndpoint: string | undefined
  readonly introspectionEndpoint: string | undefined
  readonly userinfoEndpoint: string | undefined
  readonly scopes: ReadonlyArray<string>
  /** Every member, as it came. */
  readonly members: Readonly<Record<string, unknown>>
  /** Where it was found. */
  readonly url: string
}

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

export const discover = async (wire: Wire, issuer: string): Promise<Metadata> => {
  const tried: Array<string> = []
  for (const url of candidates(issuer)) {
    const answer = await wire.send({ method: "GET", url, headers: { accept: "application/json" } }).catch((cause) => {
      throw new CannotCheck(`\`${issuer}\` cannot be reached: ${reasonOf(cause)}`)
    })
    if (answer.status === 200 && Object.keys(answer.body).length > 0) return read(wire, url, answer)
    tried.push(`${url} (${answer.status})`)
  }
  throw new CannotCheck(`\`${issuer}\` has no metadata: looked at ${tried.join(", ")}`)
}

/** What went wrong on the way, as far down as it is known. */
const reasonOf = (cause: unknown): string => {
  const refused = refusalIn(cause)
  if (refused !== undefined) return refused.message
  const inner = cause instanceof Error ? (cause.cause ?? cause) : cause
  const { code, message } = Object(inner) as { readonly code?: unknown; readonly message?: unknown }
  return typeof code === "string" ? code : typeof message === "string" ? message : String(inner)
}

const read = (wire: Wire, url: string, { body: members }: WireAnswer): Metadata => {
  const endpoint = (name: string): string | undefined => {
    const text = textMember(members, name)
    if (text === undefined || wire.isAllowed(text)) return text
    throw new CannotCheck(`the metadata at ${url} names \`${text}\` as ${name}, which is on another host`)
  }
  const required = (name: string): string => {
    const text = endpoint(name)
    if (text === undefined) throw new CannotCheck(`the metadata at ${url} names no ${name}`)
    return text
  }
  return {
    issuer: textMember(members, "issuer") ?? "",
    authorizationEndpoint: required("authorization_endpoint"),
    tokenEndpoint: required("token_endpoint"),
    registrationEndpoint: endpoint("registration_endpoint"),
    revocationEndpoint: endpoint("revocation_endpoint"),
    introspectionEndpoint: endpoint("introspection_endpoint"),
    userinfoEndpoint: endpoint("userinfo_endpoint"),
    scopes: listMember(members, "scopes_supported"),
    members,
    url,
  }
}
