/**
 * Exchanging a token for another (RFC 8693): a grant of its own that names every token it came of.
 *
 * What comes of it is never more than the token that was presented: no scope, no resource and no moment of life beyond it,
 * and nobody acts in it unseen. Whether the tokens are alive is judged here and, for as long as the new one lives, whenever
 * that is looked at: ending any of them ends it. Who may exchange what is a policy's to say, before this.
 */
import { detailOf } from "../../protocol/AuthorizationDetails.ts"
import { isSubset } from "../../protocol/Scope.ts"
import { isRegisteredForDetail, usableScopes, type RegisteredClient } from "../Client.ts"
import type { CommandOf } from "../Command.ts"
import { deny, type Decision } from "../Decision.ts"
import { MAX_ANCESTORS, type AccessToken, type Actor, type Ancestor, type Descent } from "../Event.ts"
import { loginOf, type OpenGrant } from "../Grant.ts"
import { ancestorIn, ancestorsOf, currentEpochs, isPresentable } from "../Liveness.ts"
import { refused, type RefusalReason, type Refused } from "../Refusal.ts"
import type { State } from "../State.ts"
import { expiry } from "../Time.ts"
import { narrowed, withDetails, type Access } from "./Access.ts"
import { requireTokenClient, requireVouchedClient } from "./ClientStanding.ts"
import { openedWithToken } from "./DirectGrant.ts"

type ExchangeToken = CommandOf<"ExchangeToken">

/** A presented token that is alive, and its grant. */
interface Presented {
  readonly named: Ancestor
  readonly grant: OpenGrant
  readonly token: AccessToken
}

export const exchangeToken = (state: State, command: ExchangeToken): Decision => {
  const { grantId, clientId, policy, jkt, at } = command
  if (state.grant._tag !== "Absent") return deny("request-answered")
  const keyed = requireTokenClient(state, command, command.grantType)
  const client = keyed._tag === "Refused" ? keyed : requireVouchedClient(state, command)
  if (client._tag === "Refused") return { events: [], reply: client }

  //= RFC8693-2.2.2-errors
  const subject = presentedIn(state, command.subject, command, "subject-token-bad")
  if ("_tag" in subject) return { events: [], reply: subject }
  const actor = command.actor === null ? null : presentedIn(state, command.actor, command, "actor-token-bad")
  if (actor !== null && "_tag" in actor) return { events: [], reply: actor }

  const descent = descentOf(subject, actor, command)
  if ("_tag" in descent) return { events: [], reply: descent }
  const access = lessened(client, subject.token, command)
  if ("_tag" in access) return { events: [], reply: access }
  const { subjectId } = subject.grant
  const epochs = currentEpochs(state, subjectId !== null)
  if (epochs === undefined) return deny("subject-token-bad")

  // INVARIANT: nothing outlives what it came of (AncestorsBound).
  const end = Math.min(subject.token.expiresAt, actor?.token.expiresAt ?? Infinity) as AccessToken["expiresAt"]
  const expiresAt = expiry(at, command.lifetimes.accessToken, end)
  // INVARIANT: it says of the login what the presented token says, and nothing that is newer or stronger.
  const login = loginOf(subject.grant.basis)
  return openedWithToken(
    {
      grantId,
      clientId,
      subjectId,
      basis: { _tag: "Exchange", policy, ...(login === undefined ? {} : { login }) },
      epochs,
      descent,
      digest: command.accessToken,
      parent: subject.named.digest,
      jkt,
      issuedAt: at,
      expiresAt,
    },
    access,
  )
}

/** A token that is bound to a key is worth nothing to who does not prove that key, here as anywhere. */
const presentedIn = (
  state: State,
  named: Ancestor,
  { jkt, at }: ExchangeToken,
  reason: RefusalReason,
): Presented | Refused => {
  if (!isPresentable(state, named, at)) return refused(reason)
  const { grant, token } = ancestorIn(state, named)!
  if (grant._tag !== "Open" || token === null) return refused(reason)
  return token.jkt !== null && token.jkt !== jkt ? refused("exchange-key-wrong") : { named, grant, token }
}

/** Who acts is told: whoever the actor token is about, or the client, unless the token is its own. */
const descentOf = (
  subject: Presented,
  actor: Presented | null,
  { clientId, mayAct }: ExchangeToken,
): Descent | Refused => {
  const current: Actor = actor === null ? clientId : (actor.grant.subjectId ?? actor.grant.clientId)
  const allowed = subject.grant.descent?.mayAct ?? null
  if (allowed !== null && allowed !== current) return refused("actor-may-not")
  const earlier = subject.grant.descent?.actors ?? []
  const isNobodyElse = actor === null && subject.grant.clientId === clientId
  const actors = isNobodyElse ? earlier : [current, ...earlier]
  const ancestors = distinct([subject, ...(actor === null ? [] : [actor])].flatMap(lineOf))
  return ancestors.length > MAX_ANCESTORS || actors.length > MAX_ANCESTORS
    ? refused("exchange-too-deep")
    : { ancestors, actors, mayAct }
}

const lineOf = ({ named, grant }: Presented): ReadonlyArray<Ancestor> => [named, ...ancestorsOf(grant)]

const distinct = (ancestors: ReadonlyArray<Ancestor>): ReadonlyArray<Ancestor> => [
  ...new Map(ancestors.map((one) => [one.digest, one])).values(),
]

/** What was asked for of what the presented token has, as far as the client is registered for it. */
const lessened = (client: RegisteredClient, token: AccessToken, command: ExchangeToken): Access | Refused => {
  const access = narrowed(token, command)
  if ("_tag" in access) return access
  const usable = usableScopes(client, command.offer)
  if (command.scopes?.length && !isSubset(command.scopes, usable)) return refused("scope-not-registered")
  const scopes = access.scopes.filter((scope) => usable.includes(scope))
  if (scopes.length === 0 && access.scopes.length > 0) return refused("scope-not-registered")
  const { authorizationDetails: granted = [], resources } = access
  const details = granted.filter(
    (one) =>
      isRegisteredForDetail(client, one) !== false && command.detailTypes?.includes(detailOf(one).type) !== false,
  )
  const isAsked = (command.authorizationDetails ?? []).length > 0
  if (isAsked && details.length < granted.length) return refused("details-not-offered")
  return { scopes, resources, ...withDetails(details) }
}
