/**
 * Answers to the client by way of the browser, and which errors may take that way (OAuth 2.1 4.1.2, RFC 9700 4.11.2).
 *
 * Anybody can register a site and send a link to it that begins with our name. So an error is redirected only where
 * somebody is signed in and the redirect URI is vouched for; everybody else is shown a page, with a link to follow.
 */
import * as Effect from "effect/Effect"
import { isLoopbackUri, type OAuthErrorCode } from "../protocol/index.ts"
import type { AuthorizationServer, ProtocolServer, Unavailable } from "../provider/index.ts"
import type { FeatureContext, ResponseWay } from "../provider/features/Feature.ts"
import { awaited } from "../provider/features/Settled.ts"
import { clientFaultPage } from "./pages/MessagePage.ts"
import { postPage } from "./pages/PostPage.ts"
import { errorText, redirect } from "./Reply.ts"
import type { WireReply } from "../provider/features/Wire.ts"

/** Where the answer goes, once that is beyond doubt. */
export interface ClientTarget {
  readonly clientId: string
  readonly redirectUri: string
  readonly state?: string | undefined
  /** In the query by default. */
  readonly responseMode?: string | undefined
}

export interface Fault {
  readonly error: OAuthErrorCode
  readonly description: string
}

/** The server that answers, and what its response modes may ask of it. */
export interface Answering {
  readonly server: ProtocolServer
  readonly context: FeatureContext
}

//= OAUTH21-4.1.2-state-echo
//= RFC9207-2-iss-in-all-responses
//= OAUTH21-4.1.2-challenge-not-leaked
const addressed = (
  { server: { features }, context }: Answering,
  { clientId, redirectUri, state, responseMode = "query" }: ClientTarget,
  parameters: Readonly<Record<string, string>>,
): Effect.Effect<ResponseWay, Unavailable> => {
  // INVARIANT: a mode that is not there is none that a request was read with, unless it was switched off since.
  const mode = features.responseModes.get(responseMode) ?? features.responseModes.get("query")!
  const all = { ...parameters, state, iss: context.issuer }
  const answer = mode.respond(redirectUri, all, { ...context, clientId })
  return answer instanceof Promise ? awaited(answer) : Effect.succeed(answer)
}

/**
 * Whoever answers, with all in hand that the answer takes: asked for before a request is answered for good, so that no
 * code is issued that its client never gets.
 */
export const readyToAnswer = <A extends Answering>(
  answering: A,
  { clientId, responseMode = "query" }: ClientTarget,
): Effect.Effect<A, Unavailable> => {
  const { server, context } = answering
  if (server.features.responseModes.get(responseMode)?.signs === undefined) return Effect.succeed(answering)
  const inHand = async () => {
    const [signing, known] = await Promise.all([context.readyToSign(), context.client(clientId)])
    const client: FeatureContext["client"] = async (id) => (id === clientId ? known : context.client(id))
    return { ...answering, context: { ...context, ...signing, client } }
  }
  return awaited(inHand())
}

/** The answer, on its way to the client. */
export const answerClient = (
  answering: Answering,
  target: ClientTarget,
  parameters: Readonly<Record<string, string>>,
): Effect.Effect<WireReply, Unavailable> =>
  Effect.flatMap(addressed(answering, target, parameters), (answer) => {
    if (typeof answer === "string") return Effect.succeed(redirect(answer))
    return "action" in answer ? postPage(answering.server.settings, answer) : Effect.succeed(answer)
  })

/** An error for the client: sent there, or shown here with a link. */
//= OAUTH21-3.1-auth-user-first
export const tellClient = (
  answering: Answering,
  target: ClientTarget,
  { error, description }: Fault,
  mayRedirect: boolean,
): Effect.Effect<WireReply, Unavailable> => {
  const parameters = { error, error_description: errorText(description) }
  return mayRedirect
    ? answerClient(answering, target, parameters)
    : Effect.flatMap(addressed(answering, target, parameters), (answer) =>
        clientFaultPage(
          answering.server.settings,
          description,
          typeof answer === "string" || "action" in answer ? answer : undefined,
        ),
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
  redirectUri: string,
  subjectId: string,
): Effect.Effect<boolean, Unavailable> =>
  Effect.gen(function* () {
    if (isLoopbackUri(redirectUri)) return true
    if ((yield* server.client(clientId))?.origin === "operator") return true
    const { connections } = yield* server.connections(subjectId, { limit: LOOKED_THROUGH })
    return connections.some(({ grant }) => grant.clientId === clientId && grant.request?.redirectUri === redirectUri)
  })
