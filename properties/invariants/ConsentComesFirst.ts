/**
 * Whatever is alive can be traced to somebody who allowed it, for that client and that subject, at that redirect URI.
 *
 * A token that a client gets for itself is approved by nobody: there the operator has to have vouched for the client, by
 * adding it or by offering such tokens to who registers itself.
 */
import { eventsOf, eventsOfType } from "./evidence/Events.ts"
import { isSignOfLife, isWithin, usedGrant, usedGrantRef } from "./evidence/Shown.ts"
import type { Invariant, Objection } from "./Invariant.ts"
import { ancestorIn, type CommandOf } from "../../src/core/index.ts"
import { isAuthenticated } from "../model/About.ts"
import type { Model } from "../Model.ts"
import type { Move } from "../Machine.ts"
import type { Operation, OperationOf, Ref, Step } from "../Operation.ts"

const presentedIn = (operation: Operation) => {
  if (operation._tag === "Redeem") return operation.code
  const isToken = operation._tag === "Refresh" || operation._tag === "Verify" || operation._tag === "Exchange"
  return isToken ? operation.token : undefined
}

/** Why no code may come of the request; `undefined` where it may. */
const obstacle = (before: Model, operation: OperationOf<"Approve">): string | undefined => {
  if (operation.redirectUri === "unregistered") return "for a redirect URI that is not registered"
  if (operation.pushed !== undefined) {
    const pushed = operation.pushed === "made up" ? undefined : before.pushed[operation.pushed]
    if (pushed === undefined) return "for a request that nobody pushed"
    if (pushed.client !== operation.client) return "for a request that another client pushed"
    if (pushed.expiresAt <= before.at) return "for a request that was pushed too long ago"
  }
  const client = before.clients[operation.client]
  if (client === undefined || client.standing === "deleted") return "for a client that is not known"
  const { document } = client.profile
  if (document !== undefined && document !== operation.document) return "on another document than the client's"
  if (before.policy.isGuessed === true) return undefined
  if (before.disabledSubjects.includes(operation.subject)) return "for a subject that is disabled"
  if (before.forgottenSubjects.includes(operation.subject)) return "for a subject that was forgotten"
  if (operation.basis !== "Auto") return undefined
  if (operation.isDevice === true) return "without asking, for a device"
  return operation.redirectUri === "app" ? "without asking, for a redirect URI that is not on this machine" : undefined
}

const isVouchedFor = ({ clients, policy }: Model, by: Ref): boolean =>
  clients[by]?.profile.isSelfRegistered === false || policy.registrationGrants.includes("client_credentials")

/** Where an identity provider says so, an assertion by it that is good for that. */
const mayActForItself = (before: Model, operation: OperationOf<"ClientCredentials">): boolean => {
  const { by, authentication, assertion = "right" } = operation
  const isProven = before.clients[by]?.profile.isPublic === false && isAuthenticated(before, by, authentication)
  return isProven && assertion === "right" && isVouchedFor(before, by)
}

const onStep = (before: Model, step: Step): Objection => {
  const { operation, reply } = step
  if (operation._tag === "Approve") {
    const fault = reply._tag === "Code" ? obstacle(before, operation) : undefined
    return fault && `request ${operation.grant} is answered with a code ${fault}`
  }
  if (!isSignOfLife(step)) return undefined
  if (operation._tag === "ClientCredentials") {
    return mayActForItself(before, operation)
      ? undefined
      : "tokens are given to a client that proved nothing, or that nobody vouched for, or for an assertion that is not good"
  }
  if (presentedIn(operation) === "made up") return "something that was never handed out is taken for real"
  const grant = usedGrant(before, step)
  if (grant === undefined) return "tokens are given, and no grant is there that they are of"
  if (grant.end === "denied") return `something is alive of request ${usedGrantRef(before, step)}, which was denied`
  if (reply._tag !== "Active") return undefined
  if (reply.client !== grant.client) return `a token of client ${grant.client} is said to be of client ${reply.client}`
  return reply.subject !== null && reply.subject !== grant.subject
    ? `a token of ${grant.subject === null ? "no subject" : `subject ${grant.subject}`} is said to be of subject ${reply.subject}`
    : undefined
}

type Approving = CommandOf<"OpenGrant" | "ApproveDevice">

/** Of what was asked for, what there is; where there is nothing of it, the default, which whoever approved was shown. */
const isScopeAsked = (opened: ReadonlyArray<string>, { scopes, offer }: Approving): boolean => {
  const known = offer.scopes.filter((scope) => scopes?.includes(scope))
  return isWithin(opened, offer.scopes) && (known.length === 0 || isWithin(opened, known))
}

/** What was asked for, or what is known here at the origin that was; where nothing was, what such requests are for. */
const isResourceAsked = (opened: ReadonlyArray<string>, { resources, offer }: Approving): boolean => {
  if (resources.length === 0)
    return isWithin(opened, offer.defaultResource === null ? offer.resources : [offer.defaultResource])
  const isAsked = (one: string) =>
    resources.some((asked) => asked === one || URL.parse(asked)?.origin === URL.parse(one)?.origin)
  return opened.every(
    (one) =>
      resources.some((asked) => asked === one) || (offer.resources.some((known) => known === one) && isAsked(one)),
  )
}

/** What is opened is what was approved. */
const onMove = (move: Move): Objection => {
  if (eventsOf(move).length === 0) return undefined
  const { command, state } = move.decided!
  const [opened] = eventsOfType(move, "GrantOpened")
  const issued = eventsOfType(move, "AuthorizationCodeIssued", "AccessTokenIssued", "RefreshTokenIssued")
  if (opened === undefined) {
    return issued.length > 0 && state.grant._tag !== "Open" ? "something is issued of no grant that is open" : undefined
  }
  if (command._tag === "IssueToken") {
    const { client } = state
    const { registrationGrants } = command.offer
    if (
      client._tag !== "Registered" ||
      (client.origin !== "operator" && !registrationGrants.includes(command.grantType))
    ) {
      return "a token that nobody approved is given to a client that nobody vouched for"
    }
    const subject = command.basis._tag === "Policy" ? command.basis.subjectId : null
    return opened.subjectId === subject ? undefined : "a token names another subject than it is issued for"
  }
  if (command._tag === "ExchangeToken") {
    const from = ancestorIn(state, command.subject)?.grant
    return from?._tag === "Open" && from.subjectId === opened.subjectId && opened.clientId === command.clientId
      ? undefined
      : "a token is exchanged for one of somebody else"
  }
  if (command._tag !== "OpenGrant" && command._tag !== "ApproveDevice") return `${command._tag} opens a grant`
  const { client } = state
  const isDescribed = client._tag === "Registered" && client.origin === "document"
  if (
    isDescribed &&
    (opened.metadataDigest !== command.metadataDigest || opened.metadataDigest !== client.metadataDigest)
  ) {
    return "a grant does not name the document that was approved of its client"
  }
  const isForClient = opened.clientId === command.clientId && opened.subjectId === command.basis.subjectId
  const asked = command._tag === "OpenGrant" ? command.request.redirectUri : undefined
  const isForUri = opened.request?.redirectUri === asked
  const isForAccess = isScopeAsked(opened.scopes, command) && isResourceAsked(opened.resources, command)
  return isForClient && isForUri && isForAccess
    ? undefined
    : "the grant that is opened is not the one that was approved"
}

export const ConsentComesFirst: Invariant = {
  name: "ConsentComesFirst",
  sentence:
    "Every code and token traces to one approval, or one named policy, for that client, redirect URI, scope and resource.",
  requirements: [
    "OAUTH21-2.3.1-exact-redirect-match",
    "OAUTH21-2.3.5-no-redirect-on-bad-uri",
    "OAUTH21-7.4-sub-namespace",
  ],
  attacks: ["A23", "A45"],
  situation:
    "a code is asked for a redirect URI that is not registered, a client that nobody vouched for asks for itself, or something is used that nobody approved",
  isAtStake: (before, step) => {
    const { operation } = step
    if (operation._tag === "Approve") return obstacle(before, operation) !== undefined
    if (operation._tag === "ClientCredentials") return !mayActForItself(before, operation)
    return presentedIn(operation) === "made up" || usedGrant(before, step)?.end === "denied"
  },
  onStep,
  onMove: (_before, _operation, move) => onMove(move),
}
