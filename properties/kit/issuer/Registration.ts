/**
 * The clients that a check acts as: registered for it (RFC 7591), or the one that it was given.
 *
 * Registrations stay behind on the server: the protocol offers no way to take them back, so there are few.
 */
import { NotTried } from "../judging/Obstacles.ts"
import { textMember, type Metadata } from "./Discovery.ts"
import { isUnanswered } from "./Patience.ts"
import type { Wire, WireAnswer } from "./Wire.ts"

export type Method = "none" | "client_secret_basic" | "client_secret_post"

export interface WireClient {
  readonly clientId: string
  /** `undefined` for a public client. */
  readonly secret: string | undefined
  readonly method: Method
  /** Whether the server takes Basic only beside a `client_id` in the body. */
  readonly isNamedInBody?: boolean
  /** Whether it takes no Basic from a client that is registered for it. */
  readonly isSecretInBody?: boolean
  readonly redirectUri: string
}

export interface Wanted {
  readonly method: Method
  readonly redirectUris: ReadonlyArray<string>
  readonly scopes?: ReadonlyArray<string>
  readonly applicationType?: "native" | "web"
  /** Default: codes and refresh tokens. */
  readonly grantTypes?: ReadonlyArray<string>
}

/** Nothing listens there: the answer is read off the redirect itself. */
export const REDIRECT_URI = "http://127.0.0.1:7654/callback"
export const OTHER_PORT_URI = "http://127.0.0.1:7655/callback"

/** Whether an address is one of those where nobody listens: what leads there has arrived, and is not asked. */
export const isOurs = (location: string): boolean => /^https?:\/\/[^/]*:765[45](?:[/?#]|$)/i.test(location)

export const register = (
  wire: Wire,
  registrationEndpoint: string,
  { method, redirectUris, scopes, applicationType, grantTypes = ["authorization_code", "refresh_token"] }: Wanted,
): Promise<WireAnswer> =>
  wire.send({
    method: "POST",
    url: registrationEndpoint,
    json: {
      client_name: "grantlog check",
      redirect_uris: redirectUris,
      token_endpoint_auth_method: method,
      grant_types: grantTypes,
      response_types: ["code"],
      ...(applicationType === undefined ? {} : { application_type: applicationType }),
      ...(scopes === undefined || scopes.length === 0 ? {} : { scope: scopes.join(" ") }),
    },
  })

/** The client that a registration made; `undefined` where it was refused. */
export const registered = ({ status, body }: WireAnswer, { method, redirectUris }: Wanted): WireClient | undefined => {
  const clientId = textMember(body, "client_id")
  if (clientId === undefined || (status !== 200 && status !== 201)) return undefined
  const given = textMember(body, "token_endpoint_auth_method") ?? method
  const secret = given === "none" ? undefined : textMember(body, "client_secret")
  const kept = secret === undefined ? "none" : given === "client_secret_post" ? given : "client_secret_basic"
  return { clientId, secret, method: kept, redirectUri: redirectUris[0]! }
}

/** Tries one way after the other: servers differ in what they take from a client that they do not know. */
export const registerClient = async (
  wire: Wire,
  { registrationEndpoint }: Metadata,
  wanted: Wanted,
): Promise<WireClient | undefined> => {
  if (registrationEndpoint === undefined) return undefined
  const { applicationType, scopes, grantTypes, ...least } = wanted
  const usual = { ...least, ...(scopes === undefined ? {} : { scopes }) }
  const variants: ReadonlyArray<Wanted> = [
    wanted,
    ...(grantTypes === undefined ? [] : [{ ...usual, ...(applicationType === undefined ? {} : { applicationType }) }]),
    ...(applicationType === undefined ? [] : [usual]),
    ...(scopes === undefined ? [] : [least]),
  ]
  for (const variant of variants) {
    const answer = await register(wire, registrationEndpoint, variant)
    if (isUnanswered(answer)) throw new NotTried(`the server registers nobody now: ${answer.status}`)
    const client = registered(answer, variant)
    if (client !== undefined && (client.secret === undefined) === (wanted.method === "none")) return client
  }
  return undefined
}
