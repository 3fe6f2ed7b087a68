/**
 * Devices without a browser (RFC 8628): what somebody at another one says to what a device asked for, and the tokens.
 *
 * An answer is one command on the stream of the grant that the device code names, so that a request is answered once
 * whatever tabs and instances there are; and so is redeeming, which is asked for until there is an answer. Asking while
 * there is none writes nothing.
 */
import * as Effect from "effect/Effect"
import { readUserCode, SLOW_DOWN_SECONDS } from "../protocol/index.ts"
import {
  decide,
  momentOf,
  type Approval,
  type CommandOf,
  type Digest,
  type Grant,
  type Resources,
  type Scopes,
  type SubjectId,
} from "../core/index.ts"
import type { Slice } from "../projection/index.ts"
import { authenticationOf, usedBy } from "./ClientProof.ts"
import { execute, orUnavailable } from "./CommandHandler.ts"
import { approvalOf, clientIdOf, jktOf, resourcesOf, scopesOf, subjectIdOf } from "./Decoding.ts"
import { makePollPace } from "./DevicePace.ts"
import { deviceRequests, type DeviceRequestParts, type Found } from "./DeviceRequests.ts"
import type { DeviceApproval, DeviceOperations } from "./Devices.ts"
import type { ServerContext } from "./features/Feature.ts"
import type { Features } from "./features/Features.ts"
import { withDocument } from "./GrantOpening.ts"
import { oauthError } from "./OAuthError.ts"
import { mintGrantId, mintToken } from "./Randomness.ts"
import { doneOrFail, replyOrFail } from "./Replies.ts"
import { digestOf, parseToken } from "./Token.ts"
import { resourcesOfGrant, type LifetimesFor } from "./TokenLifetimes.ts"
import { tokenResponder } from "./TokenResponse.ts"

const DEFAULT_INTERVAL_SECONDS = 5

export interface DeviceParts extends DeviceRequestParts {
  readonly features: Pick<Features, "accessTokenFormats" | "tokenResponseMembers" | "openIdProvider">
  readonly serverContext: ServerContext
  readonly lifetimesFor: LifetimesFor
  /** Told of each new grant. */
  readonly onOpened: Effect.Effect<void>
}

export const deviceOperations = (parts: DeviceParts): DeviceOperations => {
  const { context, settings, offers, documents, lifetimesFor, onOpened } = parts
  const { log, randomness, time } = context
  const { requestDevice, findBy, findOf, required, forget } = deviceRequests(parts)
  const pace = makePollPace()
  const readyToHandOut = tokenResponder(parts.serverContext, parts.features)

  const approvalCommand = (
    found: Found,
    basis: Approval,
    asked: { readonly scopes: Scopes | null; readonly resources: Resources; readonly metadataDigest: Digest | null },
    slice: Slice,
  ): CommandOf<"ApproveDevice"> => ({
    _tag: "ApproveDevice",
    grantId: found.grantId,
    clientId: found.clientId,
    basis,
    ...asked,
    offer: offers.of(asked.resources, slice),
    requestedAt: found.requestedAt,
    code: found.code,
    lifetimes: settings.lifetimes.public,
    at: time.now(),
  })
  const readApproval = Effect.fnUntraced(function* (given: DeviceApproval) {
    const found = yield* required(given.userCode)
    const approval = yield* approvalOf(given.approval)
    const scopes = yield* scopesOf(given.scopes)
    const resources = (yield* resourcesOf(given.resources)) ?? []
    const about = {
      clientId: found.clientId,
      grantId: found.grantId,
      subjectId: approval.subjectId,
      ...offers.about(resources),
    }
    const document = yield* documents.describe(found.clientId)
    const asked = { scopes, resources, metadataDigest: document?.metadataDigest ?? null }
    const command = (slice: Slice) => approvalCommand(found, approval, asked, slice)
    const judge = Effect.gen(function* () {
      const slice = yield* orUnavailable(log.rows.slice(about))
      const { reply } = decide(withDocument(slice.state, document, time.now()), command(slice))
      return yield* replyOrFail(reply, "CodeIssued")
    })
    return { found, approval, about, command, document, judge }
  })
  const devices: DeviceOperations["devices"] = {
    waiting: (typed) =>
      Effect.map(findBy(typed), (found) => {
        if (found === undefined || found.expiresAt <= time.now()) return undefined
        const { code, ...waiting } = found
        return { ...waiting, userCode: readUserCode(typed)! }
      }),
    preview: Effect.fnUntraced(function* (given) {
      const { judge } = yield* readApproval(given)
      return yield* judge
    }),
    approve: Effect.fnUntraced(function* (given) {
      const { found, approval, about, command, document, judge } = yield* readApproval(given)
      if (document !== undefined) {
        // INVARIANT: of a client that is known from a document nothing is stored but what somebody approves.
        yield* judge
        yield* documents.adopt(document, approval.subjectId)
      }
      const { reply } = yield* execute(context, about, approval.subjectId, command)
      yield* replyOrFail(reply, "CodeIssued")
      yield* forget(given.userCode)
      yield* onOpened
      return { grantId: found.grantId }
    }),
    deny: Effect.fnUntraced(function* (given) {
      const { grantId, clientId, code } = yield* required(given.userCode)
      const subjectId: SubjectId = yield* subjectIdOf(given.subjectId)
      // The log knows nothing of a client whose document nobody has approved: there is nothing to be denied.
      if ((yield* orUnavailable(log.rows.client(clientId))).state._tag === "Absent")
        return yield* forget(given.userCode)
      const { reply } = yield* execute(context, { grantId, clientId, subjectId }, subjectId, () => ({
        _tag: "DenyDevice" as const,
        grantId,
        clientId,
        subjectId,
        code,
        at: time.now(),
      }))
      yield* doneOrFail(reply)
      yield* forget(given.userCode)
    }),
  }

  const redeemDeviceCode: DeviceOperations["redeemDeviceCode"] = Effect.fnUntraced(function* (request) {
    const { credentials, deviceCode, interval = DEFAULT_INTERVAL_SECONDS } = request
    const clientId = yield* clientIdOf(credentials.clientId)
    const resources = yield* resourcesOf(request.resource)
    const jkt = yield* jktOf(request.jkt)
    const handOut = yield* readyToHandOut
    const parsed = parseToken(deviceCode)
    const digest = parsed?.kind === "device" ? parsed.digest : undefined
    const grantId = digest === undefined ? mintGrantId(randomness, time.now()) : parsed!.grantId
    // INVARIANT: what waits is read before the grant: an answer in between is seen there, and never taken for no request.
    const found = digest === undefined ? undefined : yield* findOf(grantId)
    const access = mintToken(randomness, "access", grantId)
    let refresh = ""
    const commandOn = ({ state, versions }: Pick<Slice, "state" | "versions">): CommandOf<"RedeemDeviceCode"> => ({
      _tag: "RedeemDeviceCode",
      grantId,
      clientId,
      afterVersion: versions.grant,
      authentication: authenticationOf(state.client, credentials),
      isCodeKnown: digest !== undefined && codeOf(state.grant, found) === digest,
      waiting: found === undefined ? null : { clientId: found.clientId, expiresAt: momentOf(found.expiresAt) },
      resources,
      jkt,
      accessToken: digestOf(access),
      refreshToken: digestOf((refresh = mintToken(randomness, "refresh", grantId, versions.grant))),
      lifetimes: lifetimesFor(state.client, () => resourcesOfGrant(state.grant, resources)),
      at: time.now(),
    })
    const executed = yield* Effect.gen(function* () {
      const document = found === undefined ? undefined : yield* documents.describe(clientId)
      const slice = document && (yield* orUnavailable(log.rows.slice({ clientId, grantId })))
      if (slice !== undefined && slice.state.grant._tag === "Absent") {
        // Its client may be known from its document alone until somebody approves.
        const state = withDocument(slice.state, document, time.now())
        const command = commandOn({ ...slice, state })
        return { command, slice, reply: decide(state, command).reply }
      }
      // A grant is redeemed once, so these are its first tokens: no rate could be used up by then.
      return yield* execute(context, { clientId, grantId }, clientId, commandOn, usedBy(credentials))
    })
    const { reply } = executed
    if (reply._tag === "Refused" && reply.reason === "authorization-pending") {
      //= RFC8628-3.5-polling
      if (pace.isTooFast(grantId, interval * 1000, time.now())) {
        const sentence = `this was asked too soon after the last time; wait ${SLOW_DOWN_SECONDS} seconds longer from now on`
        return yield* oauthError("slow_down", sentence)
      }
    }
    return yield* handOut(executed, { access, refresh })
  })

  return { requestDevice, redeemDeviceCode, devices }
}

/** The digest of the device code that leads to a grant, or to the request for it. */
const codeOf = (grant: Grant, found: Found | undefined): Digest | undefined => {
  switch (grant._tag) {
    case "Absent":
      return found?.code
    case "Denied":
      return grant.deviceCode
    case "Open":
      return grant.code?.digest
    case "Revoked":
      return undefined
  }
}
