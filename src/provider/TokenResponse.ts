/**
 * The answer of the token endpoint (RFC 6749 5.1): what was accepted, in the form that tokens for it have, with what the
 * features add.
 *
 * Before anything is used up, the keys are at hand that the answer is signed with: a code that is spent is worth an answer.
 */
import * as Effect from "effect/Effect"
import { actingOf, ancestorIn, loginOf, type CommandOf } from "../core/index.ts"
import { OPENID, detailOf, formatScopes } from "../protocol/index.ts"
import type { Executed } from "./CommandHandler.ts"
import type { ServerContext } from "./features/Feature.ts"
import type { IssuedAccessToken } from "./features/IssuedAccessToken.ts"
import type { Features } from "./features/Features.ts"
import type { SignIn } from "./features/openid/OpenIdProvider.ts"
import { awaited } from "./features/Settled.ts"
import { secondsLeft, type OAuthToken } from "./Records.ts"
import { replyOrFail } from "./Replies.ts"
import type { Unavailable } from "./OAuthError.ts"
import type { Failure } from "./TokenRequests.ts"

/** Access and refresh token as they will be handed out, should the core accept them. */
export interface Candidates {
  readonly access: string
  readonly refresh: string
}

type Issuing = Executed<CommandOf<"RedeemCode" | "RedeemDeviceCode" | "Refresh" | "IssueToken" | "ExchangeToken">>

/** Whom the grant is of, and the login that it goes back to. */
const ownerOf = ({ command, slice: { state } }: Issuing): Pick<IssuedAccessToken, "subjectId" | "login"> => {
  const grant = command._tag === "ExchangeToken" ? ancestorIn(state, command.subject)?.grant : state.grant
  const basis = command._tag === "IssueToken" ? command.basis : grant?._tag === "Open" ? grant.basis : undefined
  const login = basis && loginOf(basis)
  const known = login === undefined ? {} : { login }
  if (command._tag === "IssueToken")
    return { subjectId: "subjectId" in command.basis ? command.basis.subjectId : null, ...known }
  return { subjectId: grant?._tag === "Open" ? grant.subjectId : null, ...known }
}

/** How somebody signed in whom the client of a code asked to know; `undefined` where it did not ask, or nobody did. */
const signInOf = (
  { command, slice: { state } }: Issuing,
  issued: IssuedAccessToken,
  accessToken: string,
): SignIn | undefined => {
  const { subjectId, scopes } = issued
  //= OIDC-3.1.2.1-openid-scope
  const isAsked = command._tag === "RedeemCode" && scopes.some((scope) => scope === OPENID)
  if (!isAsked || subjectId === null || state.grant._tag !== "Open") return undefined
  const nonce = state.grant.request?.nonce
  return { subjectId, issued, accessToken, ...(nonce === undefined ? {} : { nonce }) }
}

type Responding = Pick<Features, "accessTokenFormats" | "tokenResponseMembers" | "openIdProvider">

/** Gives the answer, of which nothing is left to be fetched. */
export type HandOut = ReturnType<typeof responder>

/** What hands out tokens, once it has all that it needs for it: asked for before the core is. */
export const tokenResponder = (context: ServerContext, features: Responding): Effect.Effect<HandOut, Unavailable> => {
  const { accessTokenFormats, tokenResponseMembers, openIdProvider } = features
  const isSigned =
    openIdProvider !== undefined ||
    [...accessTokenFormats, ...tokenResponseMembers].some(({ signs }) => signs !== undefined)
  if (!isSigned) return Effect.succeed(responder(context, features))
  return Effect.suspend(() =>
    Effect.map(awaited(context.readyToSign()), (signing) => responder({ ...context, ...signing }, features)),
  )
}

const responder = (context: ServerContext, { accessTokenFormats, tokenResponseMembers, openIdProvider }: Responding) =>
  Effect.fnUntraced(function* (
    executed: Issuing,
    { access, refresh }: Candidates,
  ): Effect.fn.Return<OAuthToken, Failure> {
    const { reply, command } = executed
    const { accessToken, refreshToken, descent } = yield* replyOrFail(reply, "TokensIssued")
    const { scopes, resources, authorizationDetails: details, jkt, issuedAt, expiresAt } = accessToken
    const { grantId, clientId } = command
    const issued: IssuedAccessToken = {
      issuer: context.issuer,
      grantId,
      clientId,
      ...ownerOf(executed),
      scopes,
      resources,
      ...(details === undefined ? {} : { authorizationDetails: details.map(detailOf) }),
      jkt,
      issuedAt,
      expiresAt,
      ...actingOf(descent),
    }
    const writing = accessTokenFormats.find((format) => format.isFor(issued))!.write(access, issued, context)
    const written = typeof writing === "string" ? writing : yield* awaited(writing)
    const signIn = openIdProvider === undefined ? undefined : signInOf(executed, issued, written)
    const token: OAuthToken = {
      access_token: written,
      //= RFC9449-5-token-type
      token_type: jkt === null ? "Bearer" : "DPoP",
      expires_in: secondsLeft(command.at, expiresAt),
      //= OAUTH21-3.2.3-scope-if-different
      ...(scopes.length === 0 ? {} : { scope: formatScopes(scopes) }),
      ...(refreshToken === null ? {} : { refresh_token: refresh }),
      //= OIDC-3.1.3.3-id-token
      ...(signIn === undefined ? {} : { id_token: yield* awaited(openIdProvider!.idToken(signIn, context)) }),
    }
    if (tokenResponseMembers.length === 0) return token
    const more = yield* awaited(
      Promise.all(tokenResponseMembers.map(async (member) => [member.name, await member.of(issued, context)] as const)),
    )
    return { ...Object.fromEntries(more.filter(([, value]) => value !== undefined)), ...token }
  })
