/** What can be done with grants: opening, denying, revoking, listing; and ending one by a token of it. */
import { Effect } from "effect"
import {
  isLoopback,
  type ClientId,
  type Grant,
  type GrantId,
  type OpenGrant,
  type PresentedToken,
  type RedirectUri,
} from "../core/index.ts"
import { listGrants, readGrant } from "../projection/index.ts"
import type { Accounts } from "./Accounts.ts"
import type { AuthorizationServer, OpenGrantRequest } from "./AuthorizationServer.ts"
import { OPERATOR, authenticationOf } from "./ClientOperations.ts"
import type { Settings } from "./Config.ts"
import { execute, orUnavailable, type Machinery } from "./Execute.ts"
import { offerOf, resourcesOf, scopesOf } from "./Offer.ts"
import { doneOrFail, replyOrFail } from "./Replies.ts"
import { mintGrantId, mintToken } from "./Secrets.ts"
import { digestOf, parseToken, type ParsedToken } from "./Token.ts"

const DEFAULT_PAGE = 100

/** `onOpened` is told of each new grant. */
export const grantOperations = (
  machinery: Machinery,
  settings: Settings,
  accounts: Accounts,
  onOpened: Effect.Effect<void>,
) => {
  const { log, secrets, time } = machinery

  const openGrant = Effect.fnUntraced(function* (asked: OpenGrantRequest) {
    const { approval, request, scopes, resources } = asked
    const grantId = asked.grantId ?? mintGrantId(secrets)
    const clientId = asked.clientId as ClientId
    const code = mintToken(secrets, "code", grantId)
    const about = { clientId, grantId, subjectId: approval.subjectId }
    const requestedAt = (asked.requestedAt ?? time.now()) as ReturnType<typeof time.now>
    const { reply } = yield* execute(machinery, about, approval.subjectId, () =>
      Effect.map(offerOf(log, settings, resources), (offer) => ({
        _tag: "OpenGrant" as const,
        grantId,
        clientId,
        basis: approval,
        request,
        scopes,
        resources,
        offer,
        metadataDigest: null,
        requestedAt,
        code: digestOf(code),
        lifetimes: settings.lifetimes.public,
        at: time.now(),
      })),
    )
    yield* replyOrFail(reply, "CodeIssued")
    yield* onOpened
    return { grantId, code }
  })

  /** Whether the grant knows the token, spent ones included: the log remembers every one it issued. */
  const presentedToken = (grant: Grant, parsed: ParsedToken | undefined) => {
    const unknown: PresentedToken = { _tag: "Unknown" }
    if (parsed === undefined || grant._tag !== "Open") return Effect.succeed(unknown)
    const { kind, digest, grantId } = parsed
    if (kind === "access") return Effect.succeed<PresentedToken>({ _tag: "AccessToken", digest })
    if (kind === "code") return Effect.succeed(unknown)
    return Effect.map(log.readIssued(digest), (entry): PresentedToken =>
      entry?.stream === `grant-${grantId}` ? { _tag: "RefreshToken" } : unknown,
    )
  }

  return {
    openGrant,
    isAutoApproved: (redirectUri) => settings.autoApprove !== undefined && isLoopback(redirectUri),
    authorize: (clientId, params) =>
      Effect.gen(function* () {
        const { autoApprove } = settings
        if (autoApprove === undefined || !isLoopback(params.redirectUri)) {
          return { _tag: "LoginUnavailable" as const }
        }
        const scopes = yield* scopesOf(params.scopes)
        const resources = yield* resourcesOf(params.resource)
        const approvedAt = time.now()
        const { subjectId } = yield* orUnavailable(accounts.ensure(autoApprove, approvedAt))
        const { code } = yield* openGrant({
          clientId,
          approval: { _tag: "Auto", subjectId, approvedAt },
          request: requestOf(params),
          scopes,
          resources: resources ?? [],
        })
        return { _tag: "Approved" as const, code }
      }),
    denyGrant: ({ grantId, clientId, subjectId, redirectUri }) =>
      Effect.flatMap(
        execute(machinery, { grantId, clientId, subjectId }, subjectId, () => ({
          _tag: "DenyGrant" as const,
          grantId,
          clientId,
          subjectId,
          redirectUri: redirectUri as RedirectUri,
          at: time.now(),
        })),
        ({ reply }) => doneOrFail(reply),
      ),
    revokeGrant: (id, by) =>
      Effect.flatMap(
        execute(machinery, { grantId: id }, by, () => ({
          _tag: "RevokeGrant" as const,
          grantId: id as GrantId,
          subjectId: by === OPERATOR ? null : by,
          at: time.now(),
        })),
        ({ reply }) => doneOrFail(reply),
      ),
    revokeToken: ({ credentials, token, cascade = false }) =>
      Effect.gen(function* () {
        const parsed = parseToken(token)
        const clientId = credentials.clientId as ClientId
        const grantId = parsed?.grantId ?? mintGrantId(secrets)
        const { reply } = yield* execute(machinery, { clientId, grantId }, clientId, ({ state }) =>
          Effect.map(presentedToken(state.grant, parsed), (presented) => ({
            _tag: "RevokeToken" as const,
            grantId,
            clientId,
            authentication: authenticationOf(state.client, credentials),
            presented,
            cascade,
            at: time.now(),
          })),
        )
        yield* doneOrFail(reply)
      }),
    grant: (id) => orUnavailable(log.read((rows) => readGrant(rows, id).state)),
    grants: (where, { after, limit = DEFAULT_PAGE } = {}) =>
      orUnavailable(
        log.read((rows) =>
          listGrants(rows, where, { ...(after === undefined ? {} : { after }), limit }).map(({ state }) => state),
        ),
      ),
  } satisfies Partial<AuthorizationServer>
}

/** What the code stays bound to, of what the request said. */
export const requestOf = (
  params: Parameters<AuthorizationServer["authorize"]>[1],
): NonNullable<OpenGrant["request"]> => ({
  redirectUri: params.redirectUri as RedirectUri,
  redirectUriProvidedExplicitly: params.redirectUriProvidedExplicitly,
  codeChallenge: params.codeChallenge as NonNullable<OpenGrant["request"]>["codeChallenge"],
  jkt: null,
})
