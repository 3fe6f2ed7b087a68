/** The operations on grants: opening, denying, revoking and listing them, and ending one by a token of it. */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { isLoopbackUri } from "../protocol/index.ts"
import {
  decide,
  diesAt,
  isGrantAlive,
  isLive,
  judgeRequest,
  type Approval,
  type CommandOf,
  type Digest,
  type Grant,
  type GrantId,
  type Offer,
  type PresentedToken,
  type RequestToJudge,
  type State,
  type SubjectId,
} from "../core/index.ts"
import type { About } from "../projection/index.ts"
import type { Accounts } from "./Accounts.ts"
import type { StoreFault } from "../log/index.ts"
import type { AuthorizationServer, Connection, Connections, Page } from "./AuthorizationServer.ts"
import { OPERATOR, authenticationOf, usedBy } from "./ClientOperations.ts"
import type { Settings } from "./Config.ts"
import {
  approvalOf,
  clientIdOf,
  grantIdOf,
  openingOf,
  redirectUriOf,
  subjectIdOf,
  type Opening,
  type OpenGrantRequest,
} from "./Decoding.ts"
import { execute, orUnavailable, type HandlerContext } from "./CommandHandler.ts"
import { awaited } from "./features/Settled.ts"
import { issuedRefresh } from "./IssuedRefresh.ts"
import type { Unavailable } from "./OAuthError.ts"
import type { Offers } from "./Offer.ts"
import { accessOrFail, doneOrFail, replyOrFail } from "./Replies.ts"
import { mintGrantId, mintToken } from "./Randomness.ts"
import { digestOf, type ParsedToken, type ReadToken } from "./Token.ts"

const DEFAULT_PAGE = 100
/** Connections on a page, grants that are looked at in one go, and for one page: the dead among them are pruned. */
const CONNECTIONS_PAGE = 50
const SEEN_AT_ONCE = 25
const MAX_SEEN = 1000

/** `onOpened` is told of each new grant. */
export const grantOperations = (
  context: HandlerContext,
  settings: Settings,
  offers: Offers,
  accounts: Accounts,
  readToken: ReadToken,
  onOpened: Effect.Effect<void>,
) => {
  const { log, randomness, time } = context

  const judged = ({ request, scopes, resources, requestedAt = time.now() }: Opening, offer: Offer): RequestToJudge => ({
    request,
    scopes,
    resources,
    offer,
    requestedAt,
    lifetimes: settings.lifetimes.public,
    at: time.now(),
  })
  const commandFor = (
    asked: Opening,
    basis: Approval,
    grantId: GrantId,
    code: Digest,
    offer: Offer,
  ): CommandOf<"OpenGrant"> => ({
    _tag: "OpenGrant",
    grantId,
    clientId: asked.clientId,
    basis,
    ...judged(asked, offer),
    metadataDigest: asked.metadataDigest,
    code,
  })

  const openGrant: AuthorizationServer["openGrant"] = Effect.fnUntraced(function* (given) {
    const [asked, approval] = [yield* openingOf(given), yield* approvalOf(given.approval)]
    const { clientId, grantId = mintGrantId(randomness, time.now()) } = asked
    const code = mintToken(randomness, "code", grantId)
    const who = { clientId, grantId, subjectId: approval.subjectId, isNewGrant: asked.grantId === undefined }
    const about = { ...who, ...offers.about(asked.resources) }
    const { reply } = yield* execute(context, about, approval.subjectId, (slice) =>
      commandFor(asked, approval, grantId, digestOf(code), offers.of(asked.resources, slice)),
    )
    yield* replyOrFail(reply, "CodeIssued")
    yield* onOpened
    return { grantId, code }
  })

  /** Decided like the real thing, and not appended. */
  const preview: AuthorizationServer["preview"] = Effect.fnUntraced(function* (given) {
    const asked = yield* openingOf(given)
    const { clientId, grantId = mintGrantId(randomness, time.now()) } = asked
    const read = (about: About) => orUnavailable(log.rows.slice({ ...about, ...offers.about(asked.resources) }))
    if (given.approval === undefined) {
      const slice = yield* read({ clientId })
      return yield* accessOrFail(judgeRequest(slice.state, judged(asked, offers.of(asked.resources, slice))))
    }
    const approval = yield* approvalOf(given.approval)
    const slice = yield* read({ clientId, grantId, subjectId: approval.subjectId })
    const offer = offers.of(asked.resources, slice)
    const { reply } = decide(slice.state, commandFor(asked, approval, grantId, digestOf(grantId), offer))
    return yield* replyOrFail(reply, "CodeIssued")
  })

  /** Whether the grant knows the token, spent ones included: the log has the entry of every one it issued. */
  const presentedToken = (grant: Grant, parsed: ParsedToken | undefined) => {
    const unknown: PresentedToken = { _tag: "Unknown" }
    if (parsed === undefined || grant._tag !== "Open") return Effect.succeed(unknown)
    const { kind, digest } = parsed
    if (kind === "access") return Effect.succeed<PresentedToken>({ _tag: "AccessToken", digest })
    if (kind === "code") return Effect.succeed(unknown)
    return Effect.map(issuedRefresh(log, parsed), (issued): PresentedToken =>
      issued === undefined ? unknown : { _tag: "RefreshToken" },
    )
  }

  /** Some grants of a subject with the older ones behind them; a connection where something of it is alive. */
  const connectionsBehind = Effect.fnUntraced(function* (
    subjectId: string,
    after: string | undefined,
  ): Effect.fn.Return<
    ReadonlyArray<{ readonly id: GrantId; readonly connection: Connection | undefined }>,
    StoreFault
  > {
    const page = { ...(after === undefined ? {} : { after }), limit: SEEN_AT_ONCE }
    const now = time.now()
    return (yield* log.rows.grantSlices({ subjectId }, page)).flatMap((state) => {
      const { client, grant } = state
      if (grant._tag === "Absent") return []
      const isAlive = grant._tag === "Open" && isGrantAlive(state, now) && isLive(now, diesAt(grant)!)
      const connection = isAlive && client._tag === "Registered" ? { grant, client } : undefined
      return [{ id: grant.grantId, connection }]
    })
  })

  /**
   * Whether a grant of this subject stands that ending all of them would end, expired or not: no clock is asked, so that
   * one that was wrong for a while spares nothing.
   */
  const hasGrantsToEnd = Effect.fnUntraced(function* (subjectId: SubjectId): Effect.fn.Return<boolean, StoreFault> {
    for (let behind: string | undefined; ;) {
      const page = yield* log.rows.grantSlices(
        { subjectId },
        { ...(behind === undefined ? {} : { after: behind }), limit: SEEN_AT_ONCE },
      )
      const isToEnd = ({ grant, subject }: State) => grant._tag === "Open" && grant.epochs.subject === subject.epoch
      if (page.some(isToEnd)) return true
      if (page.length < SEEN_AT_ONCE) return false
      const last = page.at(-1)?.grant
      behind = last?._tag === "Absent" ? undefined : last?.grantId
      yield* Effect.yieldNow
    }
  })

  const endingAll = Semaphore.makeUnsafe(1)

  return {
    openGrant,
    preview,
    // INVARIANT: whoever presses the button again and again adds one event for each grant at most, however many come at once.
    revokeSubjectSessions: (id) =>
      endingAll.withPermits(1)(
        Effect.gen(function* () {
          const subjectId = yield* subjectIdOf(id)
          if (!(yield* orUnavailable(hasGrantsToEnd(subjectId)))) return
          const { reply } = yield* execute(context, { subjectId }, OPERATOR, () => ({
            _tag: "RevokeSubjectSessions" as const,
            subjectId,
            at: time.now(),
          }))
          yield* doneOrFail(reply)
        }),
      ),
    isAutoApproved: (redirectUri) => settings.autoApprove !== undefined && isLoopbackUri(redirectUri),
    authorize: (clientId, params) =>
      Effect.gen(function* () {
        const { autoApprove } = settings
        if (autoApprove === undefined || !isLoopbackUri(params.redirectUri)) {
          return { _tag: "LoginUnavailable" as const }
        }
        const approvedAt = time.now()
        const { subjectId } = yield* orUnavailable(accounts.ensure(autoApprove, approvedAt))
        const { code } = yield* openGrant({
          clientId,
          approval: { _tag: "Auto", subjectId, approvedAt },
          request: requestOf(params),
          scopes: params.scopes ?? null,
          resources: params.resource ?? [],
          ...(params.grantId === undefined ? {} : { grantId: params.grantId }),
        })
        return { _tag: "Approved" as const, code }
      }),
    denyGrant: (given) =>
      Effect.gen(function* () {
        const grantId = yield* grantIdOf(given.grantId)
        const clientId = yield* clientIdOf(given.clientId)
        const subjectId = yield* subjectIdOf(given.subjectId)
        const redirectUri = yield* redirectUriOf(given.redirectUri)
        const { reply } = yield* execute(context, { grantId, clientId, subjectId }, subjectId, () => ({
          _tag: "DenyGrant" as const,
          grantId,
          clientId,
          subjectId,
          redirectUri,
          at: time.now(),
        }))
        yield* doneOrFail(reply)
      }),
    revokeGrant: (id, by) =>
      Effect.gen(function* () {
        const grantId = yield* grantIdOf(id)
        const subjectId = by === OPERATOR ? null : yield* subjectIdOf(by)
        const { reply } = yield* execute(context, { grantId }, by, () => ({
          _tag: "RevokeGrant" as const,
          grantId,
          subjectId,
          at: time.now(),
        }))
        yield* doneOrFail(reply)
      }),
    revokeToken: ({ credentials, token, cascade = false }) =>
      Effect.gen(function* () {
        const read = readToken(token)
        const parsed = read instanceof Promise ? yield* awaited(read) : read
        const clientId = yield* clientIdOf(credentials.clientId)
        const grantId = parsed?.grantId ?? mintGrantId(randomness, time.now())
        const { reply } = yield* execute(
          context,
          { clientId, grantId },
          clientId,
          ({ state }) =>
            Effect.map(presentedToken(state.grant, parsed), (presented) => ({
              _tag: "RevokeToken" as const,
              grantId,
              clientId,
              authentication: authenticationOf(state.client, credentials),
              presented,
              cascade,
              at: time.now(),
            })),
          usedBy(credentials),
        )
        yield* doneOrFail(reply)
      }),
    grant: (id) => Effect.map(orUnavailable(log.rows.grant(id)), ({ state }) => state),
    grants: (where, { limit = DEFAULT_PAGE, ...page } = {}) =>
      Effect.map(orUnavailable(log.rows.grants(where, { ...page, limit })), (grants) =>
        grants.map(({ state }) => state),
      ),
    connections: Effect.fnUntraced(function* (
      subjectId: string,
      { after, limit = CONNECTIONS_PAGE }: Page = {},
    ): Effect.fn.Return<Connections, Unavailable> {
      const found: Array<Connection> = []
      let behind = after
      for (let seenCount = 0; seenCount < MAX_SEEN; seenCount += SEEN_AT_ONCE) {
        const page = yield* orUnavailable(connectionsBehind(subjectId, behind))
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
export const requestOf = (params: Parameters<AuthorizationServer["authorize"]>[1]): OpenGrantRequest["request"] => ({
  redirectUri: params.redirectUri,
  redirectUriProvidedExplicitly: params.redirectUriProvidedExplicitly,
  codeChallenge: params.codeChallenge,
  jkt: params.jkt ?? null,
})
