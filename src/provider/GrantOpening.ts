/**
 * Opening a grant: what somebody approves of a request becomes a code; and what would come of it, before anybody is asked.
 *
 * A client that a document describes is known here from the first request that somebody approves. Both are decided on
 * what the document says now; one that was shown and is another by now has to be shown anew.
 */
import * as Effect from "effect/Effect"
import {
  decide,
  describedClient,
  judgeRequest,
  refusals,
  type Approval,
  type ClientDescription,
  type CommandOf,
  type Digest,
  type EpochMillis,
  type GrantId,
  type Offer,
  type RequestToJudge,
  type State,
} from "../core/index.ts"
import type { AuthorizationServer } from "./AuthorizationServer.ts"
import type { ClientDocuments } from "./ClientDocuments.ts"
import { execute, orUnavailable, type HandlerContext } from "./CommandHandler.ts"
import type { Settings } from "./Config.ts"
import { approvalOf, openingOf, type Opening, type OpenGrantRequest } from "./Decoding.ts"
import { optional } from "./features/Form.ts"
import { oauthError } from "./OAuthError.ts"
import type { Offers } from "./Offer.ts"
import { mintGrantId, mintToken } from "./Randomness.ts"
import { accessOrFail, replyOrFail } from "./Replies.ts"
import { digestOf } from "./Token.ts"

/** The state in which a client is what its document says; as it is where there is none. */
export const withDocument = (state: State, document: ClientDescription | undefined, at: EpochMillis): State =>
  document === undefined ? state : { ...state, client: describedClient(state.client, document, at) }

/** `onOpened` is told of each new grant. */
export const grantOpening = (
  context: HandlerContext,
  settings: Settings,
  offers: Offers,
  documents: Pick<ClientDocuments, "describe" | "adopt">,
  onOpened: Effect.Effect<void>,
) => {
  const { log, randomness, time } = context

  const judged = (asked: Opening, offer: Offer): RequestToJudge => ({
    request: asked.request,
    scopes: asked.scopes,
    resources: asked.resources,
    ...optional("authorizationDetails", asked.authorizationDetails),
    offer,
    requestedAt: asked.requestedAt ?? time.now(),
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

  /** What is asked for, of the client as it is registered or as its document says now. */
  const readOpening = Effect.fnUntraced(function* (given: Omit<OpenGrantRequest, "approval">) {
    const asked = yield* openingOf(given)
    const document = yield* documents.describe(asked.clientId)
    if (document === undefined) return { asked, document }
    const { metadataDigest } = document
    // What was shown is not what there is now, so that it has to be shown anew.
    if (asked.metadataDigest !== null && asked.metadataDigest !== metadataDigest) {
      return yield* oauthError(...refusals["client-document-changed"])
    }
    return { asked: { ...asked, metadataDigest }, document }
  })
  /** What {@link openGrant} would answer. */
  const judgeApproved = Effect.fnUntraced(function* (
    asked: Opening,
    approval: Approval,
    document: ClientDescription | undefined,
  ) {
    const { clientId, resources, grantId = mintGrantId(randomness, time.now()) } = asked
    const about = { clientId, grantId, subjectId: approval.subjectId, ...offers.about(resources) }
    const slice = yield* orUnavailable(log.rows.slice(about))
    const offer = offers.of(resources, slice)
    const command = commandFor(asked, approval, grantId, digestOf(grantId), offer)
    return yield* replyOrFail(decide(withDocument(slice.state, document, time.now()), command).reply, "CodeIssued")
  })

  const openGrant: AuthorizationServer["openGrant"] = Effect.fnUntraced(function* (given) {
    const { asked, document } = yield* readOpening(given)
    const approval = yield* approvalOf(given.approval)
    const { clientId, grantId = mintGrantId(randomness, time.now()) } = asked
    if (document !== undefined) {
      // INVARIANT: of a client that is known from a document nothing is stored but what somebody approves.
      yield* judgeApproved(asked, approval, document)
      yield* documents.adopt(document, approval.subjectId)
    }
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
    const { asked, document } = yield* readOpening(given)
    if (given.approval !== undefined) return yield* judgeApproved(asked, yield* approvalOf(given.approval), document)
    const { clientId, resources } = asked
    const slice = yield* orUnavailable(log.rows.slice({ clientId, ...offers.about(resources) }))
    const state = withDocument(slice.state, document, time.now())
    return yield* accessOrFail(judgeRequest(state, judged(asked, offers.of(resources, slice))))
  })

  return { openGrant, preview } satisfies Partial<AuthorizationServer>
}

export type GrantOpening = ReturnType<typeof grantOpening>
