/**
 * What a token was exchanged for is less than the token, and lives by it.
 *
 * However long the chain: a scope, a resource or a moment that any link lacks, nothing behind it has; and what ends a link,
 * whoever does it and however, ends what came of it. It is judged by walking the chain of the model, link by link.
 */
import { MAX_ANCESTORS, ancestorIn, ancestorsOf, type CommandOf, type State } from "../../src/core/index.ts"
import type { Move } from "../Machine.ts"
import type { Model } from "../Model.ts"
import type { Ref, Step } from "../Operation.ts"
import { eventsOfType } from "./evidence/Events.ts"
import { isPast, isSignOfLife, isWithin } from "./evidence/Shown.ts"
import type { Invariant, Objection } from "./Invariant.ts"

/** Every token that this one came of, itself left out. */
const aboveOf = (before: Model, token: Ref): ReadonlyArray<Ref> =>
  (before.grants[before.accessTokens[token]?.grant ?? -1]?.from ?? []).flatMap((one) => [one, ...aboveOf(before, one)])

/** Why a link gives nothing; `undefined` where nothing says so. */
const brokenBy = (before: Model, link: Ref): string | undefined => {
  const token = before.accessTokens[link]!
  const { client, end } = before.grants[token.grant]!
  if (token.isRevoked) return "was revoked"
  if (end !== null) return `is of a grant that ended (${end})`
  if (isPast(before, token.expiresAt)) return "has expired"
  const standing = before.clients[client]?.standing
  return standing === "enabled" ? undefined : `is of a client that is ${standing}`
}

/** The tokens that what is used or asked for hangs on. */
const linksOf = (before: Model, { operation }: Step): ReadonlyArray<Ref> => {
  const named =
    operation._tag === "Verify" ? [operation.token] : operation._tag === "Exchange" ? presentedIn(operation) : []
  return named.flatMap((token) => (token === "made up" ? [] : aboveOf(before, token)))
}

const presentedIn = ({ token, actor }: Extract<Step["operation"], { _tag: "Exchange" }>) =>
  actor === null ? [token] : [token, actor]

const onStep = (before: Model, step: Step): Objection => {
  const { operation, reply } = step
  if (!isSignOfLife(step)) return undefined
  const links = linksOf(before, step)
  const broken = links.find((link) => brokenBy(before, link) !== undefined)
  if (broken !== undefined) {
    return `something is alive that came of access token ${broken}, which ${brokenBy(before, broken)}`
  }
  if (reply._tag !== "Tokens" || operation._tag !== "Exchange") return undefined
  const subject = operation.token === "made up" ? undefined : before.accessTokens[operation.token]
  if (subject === undefined) return undefined
  if (!isWithin(reply.scopes, subject.scopes)) return "a token is exchanged for one with more scopes"
  const own = presentedIn(operation).flatMap((token) => (token === "made up" ? [] : [token]))
  const longer = [...own, ...links].find((link) => reply.expiresAt > before.accessTokens[link]!.expiresAt)
  return longer === undefined ? undefined : `a token is exchanged for one that outlives access token ${longer}`
}

/** What is opened names all that it came of, and has no more than that. */
const onMove = ({ decided }: Move, opened: ReturnType<typeof openedBy>): Objection => {
  if (decided === undefined || opened === undefined || decided.command._tag !== "ExchangeToken") return undefined
  const { state, command } = decided
  const { subject, actor } = command
  const presented = [subject, ...(actor === null ? [] : [actor])]
  const needed = presented.flatMap((one) => [one, ...lineOf(state, one)])
  const named = opened.descent?.ancestors ?? []
  if (named.length > MAX_ANCESTORS) return `a grant names ${named.length} tokens that it came of`
  if (!needed.every((one) => named.some(({ digest }) => digest === one.digest))) {
    return "a grant does not name all that it came of"
  }
  const token = ancestorIn(state, subject)?.token
  if (token === undefined || token === null) return "a token that is not there is exchanged"
  if (!isWithin(opened.scopes, token.scopes)) return "a token is exchanged for more scopes"
  if (!isWithin(opened.resources, token.resources)) return "a token is exchanged for more resources"
  if (presented.some((one) => opened.expiresAt > (ancestorIn(state, one)?.token?.expiresAt ?? 0))) {
    return "a token is exchanged for one that outlives it"
  }
  return isActorTold(state, command, opened.descent?.actors ?? []) ? undefined : "whoever acts is not told"
}

const lineOf = (state: State, named: CommandOf<"ExchangeToken">["subject"]) => {
  const grant = ancestorIn(state, named)?.grant
  return grant?._tag === "Open" ? ancestorsOf(grant) : []
}

/** Whoever is not the client of the presented token itself stands first among those who act. */
const isActorTold = (
  state: State,
  { subject, clientId }: CommandOf<"ExchangeToken">,
  actors: ReadonlyArray<string>,
) => {
  const grant = ancestorIn(state, subject)?.grant
  return (grant?._tag === "Open" && grant.clientId === clientId) || actors.length > 0
}

const openedBy = (move: Move) => eventsOfType(move, "GrantOpened")[0]

export const AncestorsBound: Invariant = {
  name: "AncestorsBound",
  sentence:
    "What a token was exchanged for has no scope, resource or moment that the token lacks, and ends with it, through any chain.",
  requirements: ["RFC8693-2.2.2-errors", "RFC7662-4-all-state-checks"],
  attacks: [],
  situation: "something is used that came of a token which was revoked, has expired, or whose grant or client ended",
  isAtStake: (before, step) => linksOf(before, step).some((link) => brokenBy(before, link) !== undefined),
  onStep,
  onMove: (_before, _operation, move) => onMove(move, openedBy(move)),
}
