/**
 * Answers to the client by way of the browser, and which errors may take that way (OAuth 2.1 4.1.2, RFC 9700 4.11.2).
 *
 * Anybody can register a site and send a link to it that begins with our name. So an error is redirected only where
 * somebody is signed in and the redirect URI is vouched for; everybody else is shown a page, with a link to follow.
 */
import * as Effect from "effect/Effect"
import { isLoopbackUri, type OAuthErrorCode } from "../protocol/index.ts"
import type { AuthorizationServer, ProtocolServer, Unavailable } from "../provider/index.ts"
import { clientFaultPage } from "./pages/MessagePage.ts"
import { errorText, redirect } from "./Reply.ts"
import type { WireReply } from "../provider/features/Wire.ts"

/** Where the answer goes, once that is beyond doubt. */
export interface ClientTarget {
  readonly redirectUri: string
  readonly state?: string | undefined
  /** In the query by default. */
  readonly responseMode?: string | undefined
}

export interface Fault {
  readonly error: OAuthErrorCode | "login_required" | "consent_required"
  readonly description: string
}

//= OAUTH21-4.1.2-state-echo
//= RFC9207-2-iss-in-all-responses
//= OAUTH21-4.1.2-challenge-not-leaked
const addressed = (
  { features, settings: { issuer } }: ProtocolServer,
  { redirectUri, state, responseMode = "query" }: ClientTarget,
  parameters: Readonly<Record<string, string>>,
): Effect.Effect<string | WireReply> => {
  // INVARIANT: a mode that is not there is none that a request was read with, unless it was switched off since.
  const mode = features.responseModes.get(responseMode) ?? features.responseModes.get("query")!
  const answer = mode.respond(redirectUri, { ...parameters, state, iss: issuer }, { issuer })
  return answer instanceof Promise ? Effect.promise(() => answer) : Effect.succeed(answer)
}

/** The answer, on its way to the client. */
export const answerClient = (
  server: ProtocolServer,
  target: ClientTarget,
  parameters: Readonly<Record<string, string>>,
): Effect.Effect<WireReply> =>
  Effect.map(addressed(server, target, parameters), (answer) =>
    typeof answer === "string" ? redirect(answer) : answer,
  )

/** An error for the client: sent there, or shown here with a link. */
//= OAUTH21-3.1-auth-user-first
export const tellClient = (
  server: ProtocolServer,
  target: ClientTarget,
  { error, description }: Fault,
  mayRedirect: boolean,
): Effect.Effect<WireReply> => {
  const parameters = { error, error_description: errorText(description) }
  return mayRedirect
    ? answerClient(server, target, parameters)
    : Effect.flatMap(addressed(server, target, parameters), (answer) =>
        clientFaultPage(server.settings, description, typeof answer === "string" ? answer : undefined),
      )
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
