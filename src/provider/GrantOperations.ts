/** What can be done with grants: opening, denying, revoking, listing; and ending one by a token of it. */
import { Effect } from "effect"
import {
  decide,
  diesAt,
  isGrantAlive,
  isLive,
  isLoopback,
  type ClientId,
  type CommandOf,
  type Digest,
  type EpochMillis,
  type Grant,
  type GrantId,
  type Offer,
  type OpenGrant,
  type PresentedToken,
  type RedirectUri,
  type SubjectId,
} from "../core/index.ts"
import { listGrants, readGrant } from "../projection/index.ts"
import type { Accounts } from "./Accounts.ts"
import type { RowReader } from "../log/index.ts"
import type { AuthorizationServer, Connection, Connections, OpenGrantRequest, Page } from "./AuthorizationServer.ts"
import { OPERATOR, authenticationOf } from "./ClientOperations.ts"
import type { Settings } from "./Config.ts"
import { execute, orUnavailable, readSlice, type Machinery } from "./Execute.ts"
import { offerOf, resourcesOf, scopesOf } from "./Offer.ts"
import type { Unavailable } from "./OAuthError.ts"
import { doneOrFail, replyOrFail } from "./Replies.ts"
import { mintGrantId, mintToken } from "./Secrets.ts"
import { digestOf, parseToken, type ParsedToken } from "./Token.ts"

const DEFAULT_PAGE = 100
/** Connections on a page, grants that are looked at in one go, and for one page: the dead among them are pruned. */
const CONNECTIONS_PAGE = 50
const SEEN_AT_ONCE = 25
const MAX_SEEN = 1000

/** `onOpened` is told of each new grant. */
export const grantOperations = (
  machinery: Machinery,
  settings: Settings,
  accounts: Accounts,
  onOpened: Effect.Effect<void>,
) => {
  const { log, secrets, time } = machinery

  const commandFor = (
    asked: OpenGrantRequest,
    grantId: GrantId,
    code: Digest,
    offer: Offer,
  ): CommandOf<"OpenGrant"> => ({
    _tag: "OpenGrant",
    grantId,
    clientId: asked.clientId as ClientId,
    basis: asked.approval,
    request: asked.request,
    scopes: asked.scopes,
    resources: asked.resources,
    offer,
    metadataDigest: null,
    requestedAt: (asked.requestedAt ?? time.now()) as EpochMillis,
    code,
    lifetimes: settings.lifetimes.public,
    at: time.now(),
  })

  const openGrant = Effect.fnUntraced(function* (asked: OpenGrantRequest) {
    const { approval, clientId } = asked
    const grantId = asked.grantId ?? mintGrantId(secrets, time.now())
    const code = mintToken(secrets, "code", grantId)
    const about = { clientId, grantId, subjectId: approval.subjectId }
    const { reply } = yield* execute(machinery, about, approval.subjectId, () =>
      Effect.map(offerOf(log, settings, asked.resources), (offer) => commandFor(asked, grantId, digestOf(code), offer)),
    )
    yield* replyOrFail(reply, "CodeIssued")
    yield* onOpened
    return { grantId, code }
  })

  /** Decided like the real thing, and not appended. */
  const preview = Effect.fnUntraced(function* (asked: OpenGrantRequest) {
    const { approval, clientId } = asked
    const grantId = asked.grantId ?? mintGrantId(secrets, time.now())
    const offer = yield* orUnavailable(offerOf(log, settings, asked.resources))
    const about = { clientId, grantId, subjectId: approval.subjectId }
    const { state } = yield* orUnavailable(log.read((rows) => readSlice(rows, about)))
    const { reply } = decide(state, commandFor(asked, grantId, digestOf(grantId), offer))
    return yield* replyOrFail(reply, "CodeIssued")
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

  /** Some grants of a subject with the older ones behind them; a connection where something of it is alive. */
  const connectionsBehind = (rows: RowReader, subjectId: SubjectId, after: string | undefined) => {
    const now = time.now()
    const page = { ...(after === undefined ? {} : { after }), limit: SEEN_AT_ONCE }
    return listGrants(rows, { subjectId }, page).flatMap(({ state: grant }) => {
      if (grant._tag === "Absent") return []
      const id = grant.grantId
      if (grant._tag !== "Open") return [{ id, connection: undefined }]
      const { state } = readSlice(rows, { grantId: id })
      const isAlive = isGrantAlive(state, now) && isLive(now, diesAt(grant)!)
      const connection = isAlive && state.client._tag === "Registered" ? { grant, client: state.client } : undefined
      return [{ id, connection }]
    })
  }

  return {
    openGrant,
    preview,
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
        const grantId = parsed?.grantId ?? mintGrantId(secrets, time.now())
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
    connections: Effect.fnUntraced(function* (
      subjectId: SubjectId,
      { after, limit = CONNECTIONS_PAGE }: Page = {},
    ): Effect.fn.Return<Connections, Unavailable> {
      const found: Array<Connection> = []
      let behind = after
      for (let seenCount = 0; seenCount < MAX_SEEN; seenCount += SEEN_AT_ONCE) {
        const page = yield* orUnavailable(log.read((rows) => connectionsBehind(rows, subjectId, behind)))
        for (const { id, connection } of page) {
          if (found.length === limit && connection !== undefined) return { connections: found, after: behind }
          if (connection !== undefined) found.push(connection)
          behind = id
        }
        if (page.length < SEEN_AT_ONCE) return { connections: found, after: undefined }
        yield* Effect.yieldNow
      }
      return { connections: found, after: behind }
    }),
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
