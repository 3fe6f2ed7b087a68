/** The operations on grants but for opening them: denying, revoking and listing them, and ending one by a token of it. */
import * as Effect from "effect/Effect"
import * as Semaphore from "effect/Semaphore"
import { isLoopbackUri } from "../protocol/index.ts"
import {
  diesAt,
  isGrantAlive,
  isLive,
  type Grant,
  type GrantId,
  type PresentedToken,
  type State,
  type SubjectId,
} from "../core/index.ts"
import type { Accounts } from "./Accounts.ts"
import type { StoreFault } from "../log/index.ts"
import type { AuthorizationServer, Connection, Connections, Page } from "./AuthorizationServer.ts"
import type { ClientDocuments } from "./ClientDocuments.ts"
import { OPERATOR } from "./ClientOperations.ts"
import { authenticationOf, usedBy } from "./ClientProof.ts"
import type { Settings } from "./Config.ts"
import { clientIdOf, grantIdOf, redirectUriOf, subjectIdOf, type OpenGrantRequest } from "./Decoding.ts"
import { execute, orUnavailable, type HandlerContext } from "./CommandHandler.ts"
import { awaited } from "./features/Settled.ts"
import { issuedRefresh } from "./IssuedRefresh.ts"
import { optional } from "./features/Form.ts"
import type { Unavailable } from "./OAuthError.ts"
import type { GrantOpening } from "./GrantOpening.ts"
import { doneOrFail } from "./Replies.ts"
import { mintGrantId } from "./Randomness.ts"
import { type ParsedToken, type ReadToken } from "./Token.ts"

const DEFAULT_PAGE = 100
/** Connections on a page, grants that are looked at in one go, and for one page: the dead among them are pruned. */
const CONNECTIONS_PAGE = 50
const SEEN_AT_ONCE = 25
const MAX_SEEN = 1000

export const grantOperations = (
  context: HandlerContext,
  settings: Settings,
  accounts: Accounts,
  documents: Pick<ClientDocuments, "describeForDenial">,
  opening: Pick<GrantOpening, "openGrant">,
  readToken: ReadToken,
) => {
  const { log, randomness, time } = context

  /** Whether the grant knows the token, spent ones included: the log has the entry of every one it issued. */
  const presentedToken = (grant: Grant, parsed: ParsedToken | undefined) => {
    const unknown: PresentedToken = { _tag: "Unknown" }
    if (parsed === undefined || grant._tag !== "Open") return Effect.succeed(unknown)
    const { kind, digest } = parsed
    if (kind === "access") return Effect.succeed<PresentedToken>({ _tag: "AccessToken", digest })
    if (kind !== "refresh") return Effect.succeed(unknown)
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
        const { code } = yield* opening.openGrant({
          clientId,
          approval: { _tag: "Auto", subjectId, approvedAt },
          request: requestOf(params),
          scopes: params.scopes ?? null,
          resources: params.resource ?? [],
          ...optional("authorizationDetails", params.authorizationDetails),
          ...optional("grantId", params.grantId),
        })
        return { _tag: "Approved" as const, code }
      }),
    denyGrant: (given) =>
      Effect.gen(function* () {
        const grantId = yield* grantIdOf(given.grantId)
        const clientId = yield* clientIdOf(given.clientId)
        const subjectId = yield* subjectIdOf(given.subjectId)
        const redirectUri = yield* redirectUriOf(given.redirectUri)
        const document = yield* documents.describeForDenial(clientId, redirectUri)
        const command = () => ({
          _tag: "DenyGrant" as const,
          grantId,
          clientId,
          subjectId,
          redirectUri,
          at: time.now(),
        })
        const { reply } = yield* execute(context, { grantId, clientId, subjectId }, subjectId, command, { document })
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
  ...optional("nonce", params.nonce),
})
