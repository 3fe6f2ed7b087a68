/**
 * Answers to the client by way of the browser, and which errors may take that way (OAuth 2.1 4.1.2, RFC 9700 4.11.2).
 *
 * Anybody can register a site and send a link to it that begins with our name. So an error is redirected only where
 * somebody is signed in and the redirect URI is vouched for; everybody else is shown a page, with a link to follow.
 */
import * as Effect from "effect/Effect"
import { isLoopbackUri, type OAuthErrorCode } from "../protocol/index.ts"
import { redirectWith, type AuthorizationServer, type Settings, type Unavailable } from "../provider/index.ts"
import { clientFaultPage } from "./pages/MessagePage.ts"
import { errorText, redirect } from "./Reply.ts"
import type { WireReply } from "../provider/features/Wire.ts"

/** Where the answer goes, once that is beyond doubt. */
export interface ClientTarget {
  readonly redirectUri: string
  readonly state?: string | undefined
}

export interface Fault {
  readonly error: OAuthErrorCode | "login_required" | "consent_required"
  readonly description: string
}

//= OAUTH21-4.1.2-state-echo
//= RFC9207-2-iss-in-all-responses
//= OAUTH21-4.1.2-challenge-not-leaked
export const clientAddress = (
  { issuer }: Settings,
  { redirectUri, state }: ClientTarget,
  parameters: Readonly<Record<string, string>>,
): string => redirectWith(redirectUri, { ...parameters, state, iss: issuer })

/** An error for the client: sent there, or shown here with a link. */
//= OAUTH21-3.1-auth-user-first
export const tellClient = (
  settings: Settings,
  target: ClientTarget,
  { error, description }: Fault,
  mayRedirect: boolean,
): Effect.Effect<WireReply> => {
  const location = clientAddress(settings, target, { error, error_description: errorText(description) })
  return mayRedirect ? Effect.succeed(redirect(location)) : clientFaultPage(settings, description, location)
}

/** So many of somebody's newest connections are looked through for one that vouches. */
const LOOKED_THROUGH = 256

/**
 * Whether a link may send this person to the client: it stays on this machine, the operator added the client, or a grant
 * stands that this person gave it at this very address. What was disconnected, or has ended, vouches for nothing.
 */
//= OAUTH21-3.1-auth-user-first
export const isVouchedFor = (
  server: AuthorizationServer,
  clientId: string,
  { redirectUri }: ClientTarget,
  subjectId: string,
): Effect.Effect<boolean, Unavailable> =>
  Effect.gen(function* () {
    if (isLoopbackUri(redirectUri)) return true
    if ((yield* server.client(clientId))?.origin === "operator") return true
    const { connections } = yield* server.connections(subjectId, { limit: LOOKED_THROUGH })
    return connections.some(({ grant }) => grant.clientId === clientId && grant.request?.redirectUri === redirectUri)
  })
