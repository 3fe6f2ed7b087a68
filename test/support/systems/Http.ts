/**
 * The server behind HTTP, as a client, a browser and a resource server see it; what is the operator's goes in by the back.
 *
 * A resource server may look at tokens that are for it alone: so each request names its resource besides, and it is
 * taken off again where tokens are told of. Every request is approved for one and the same subject: without asking, or
 * by that person, who signs in and allows what is shown. Another one is whom an identity provider speaks for.
 */
import { randomUUID } from "node:crypto"
import { Effect } from "effect"
import type { OAuthErrorCode } from "../../../src/protocol/index.ts"
import { UNREGISTERED_URI } from "../../../properties/machine/Names.ts"
import { overWire, plainly, policy } from "../../../properties/Opening.ts"
import { metadataOf, perform } from "../../../properties/Perform.ts"
import {
  JWT_BEARER,
  TOKEN_EXCHANGE,
  type Operation,
  type OperationOf,
  type OperationTag,
  type Reply,
} from "../../../properties/Operation.ts"
import type { System, SystemFactory } from "../../../properties/System.ts"
import { ASSERTED_SUBJECT } from "../../../properties/WireDrafts.ts"
import { newDpopKey } from "../DpopKey.ts"
import { addResourceServer } from "../Session.ts"
import { ACCOUNT, type TestServer } from "../TestServer.ts"
import { wireClient } from "../WireClient.ts"
import { countGrant, newServerHolder } from "./Holder.ts"
import { asClient, refusal, tokens, WATCHED, watched, type Caller } from "./http/Caller.ts"
import { approveDevice, denyDevice, redeemDevice } from "./http/Devices.ts"
import { lookAt } from "./http/Looking.ts"
import { approve, push } from "./http/Requests.ts"
import { exchangeWish, type Running } from "./Running.ts"
import { newSigning, provider } from "./Signing.ts"

export { WATCHED }

export interface HttpSystem {
  readonly name: string
  /** Behind the ten methods some things are not to be had, and some reasons come in another order. */
  readonly isTenMethods: boolean
  /** Whether each request comes to another instance than the one before: how often was asked, each knows for itself. */
  readonly isSeveral?: boolean
}

/** How requests are approved, and what the server has for clients that sign. */
interface Way {
  readonly isAsked: boolean
  readonly isProving: boolean
}

/** A factory of systems on one server that is up; each of them has clients of its own. */
export const httpSystem = async (
  { name, isTenMethods, isSeveral = false }: HttpSystem,
  server: TestServer,
  running: Running,
): Promise<SystemFactory> => {
  const wire = wireClient(server.url, {}, server.visit)
  const watcher = await addResourceServer(server, WATCHED)
  // Who signs in by the name of an account that was forgotten is another subject, and here it is always the same.
  const impossible: ReadonlyArray<OperationTag> = isTenMethods
    ? ["Deny", "ForgetSubject", "ClientCredentials", "DisableClient", "EnableClient"]
    : ["ForgetSubject"]
  const { features } = server.native
  const way = {
    isAsked: server.visit !== undefined,
    isProving: !isTenMethods && features.senderConstraints.length > 0,
  }
  const keys = { k1: await newDpopKey(), k2: await newDpopKey() }
  const exchanges = !isTenMethods && features.grantTypes.has(TOKEN_EXCHANGE)
  const isWhole = !isTenMethods && features.grantTypes.has(JWT_BEARER)
  const open = server.visit ?? ((path: string) => wire.get(path))
  const { ensure } = server.native.accounts
  return async (): Promise<System> => {
    const { subjectId } = await Effect.runPromise(ensure(ACCOUNT, server.clock.now()))
    await Effect.runPromise(server.native.enableSubject(subjectId))
    const holder = newServerHolder()
    holder.put("subject", 0, subjectId)
    const person = randomUUID()
    const known = await Effect.runPromise(server.native.subjectOf(provider.issuer, person))
    if (isWhole) holder.put("subject", ASSERTED_SUBJECT, known!)
    const signing = newSigning(server.clock.now)
    const caller: Caller = {
      running,
      wire,
      watcher,
      holder,
      keys,
      signing,
      open,
      verifiers: new Map(),
      pushedAt: new Map(),
    }
    return {
      name,
      start: isWhole ? overWire : plainly,
      hasDevices: isWhole,
      possible: (tag) => !impossible.includes(tag) && (tag !== "Exchange" || exchanges),
      accepts: (operation) => accepts(caller, operation, way),
      sees: (operation, reply) => sees({ isTenMethods, isSeveral }, operation, reply),
      run: (operation) => run(caller, person, operation),
      now: server.clock.now,
      close: () => running.finish(holder.secrets().map(({ text }) => text)),
    }
  }
}

/** How soon somebody opens what was pushed who takes time to read it. */
const PROMPT_MILLIS = 30_000

/** Flaws, second answers and policies have no way in, nor have keys where none are proven; the subject is always the same. */
const accepts = ({ holder, pushedAt, running }: Caller, operation: Operation, { isAsked, isProving }: Way): boolean => {
  const { countOf } = holder
  if ("key" in operation && (operation.key ?? null) !== null && !isProving) return false
  switch (operation._tag) {
    case "Register":
      return operation.flaw === null && operation.client === countOf("client")
    case "Update":
      return operation.flaw === null
    case "Approve": {
      if (operation.isDevice === true) return true
      const isNew = operation.grant === countOf("grant")
      // Who opens in time may read what is asked until the reference has ended.
      const openedAt = typeof operation.pushed === "number" ? pushedAt.get(operation.pushed) : undefined
      if (isAsked && openedAt !== undefined && running.clock.now() >= openedAt + PROMPT_MILLIS) return false
      const isSoApproved = isAsked ? operation.basis === "User" : operation.redirectUri !== "app"
      return isNew && operation.subject === 0 && !operation.isLate && isSoApproved
    }
    case "Deny":
      return operation.isDevice === true
    case "Revoke":
      return !operation.cascade
    case "ClientCredentials":
      return operation.subject === undefined || operation.assertion !== undefined
    default:
      return true
  }
}

/**
 * A page says why to people alone. Of two reasons, the ten methods may find the other one first. Of several instances each
 * is asked for the first time.
 */
const sees = (
  { isTenMethods, isSeveral }: Required<Omit<HttpSystem, "name">>,
  operation: Operation,
  reply: Reply,
): Reply => {
  if (reply._tag !== "Refused") return reply
  if (isSeveral && reply.error === "slow_down") return { _tag: "Refused", error: "authorization_pending" }
  const isPage = operation._tag === "Approve" && operation.isDevice !== true
  const error: OAuthErrorCode = isPage ? "access_denied" : reply.error
  return { _tag: "Refused", error: isTenMethods && error === "unauthorized_client" ? "invalid_grant" : error }
}

const run = async (caller: Caller, person: string, operation: Operation): Promise<Reply> => {
  const { running, holder } = caller
  switch (operation._tag) {
    case "Pass":
      running.clock.pass(operation.millis / 1000)
      return { _tag: "Done" }
    case "Register":
      return operation.profile.isSelfRegistered ? register(caller, operation) : byTheBack(caller, operation)
    case "Push":
      return push(caller, operation)
    case "Approve":
      return operation.isDevice === true ? approveDevice(caller, operation) : approve(caller, operation)
    case "Deny":
      return denyDevice(caller, operation)
    case "Redeem": {
      if (operation.isDevice === true) return redeemDevice(caller, operation)
      const { code, verifier, redirectUri } = holder.redemptionOf(operation, UNREGISTERED_URI)
      return tokens(caller, operation, {
        grant_type: "authorization_code",
        code,
        code_verifier: verifier,
        redirect_uri: redirectUri,
        resource: watched(operation.resources),
      })
    }
    case "Refresh":
      return tokens(caller, operation, {
        grant_type: "refresh_token",
        refresh_token: holder.textOf("refresh", operation.token),
        scope: operation.scopes?.join(" "),
        resource: watched(operation.resources),
      })
    case "ClientCredentials":
      return countGrant(holder, await forItself(caller, person, operation))
    case "Exchange": {
      const { actor, mayAct, scopes, resources } = operation
      const type = "urn:ietf:params:oauth:token-type:access_token"
      const form = {
        grant_type: TOKEN_EXCHANGE,
        subject_token: holder.textOf("access", operation.token),
        subject_token_type: type,
        actor_token: actor === null ? undefined : holder.textOf("access", actor),
        actor_token_type: actor === null ? undefined : type,
        scope: scopes?.join(" "),
        resource: watched(resources),
      }
      exchangeWish.mayAct = mayAct === null ? undefined : holder.textOf("client", mayAct)
      return countGrant(holder, await tokens(caller, operation, form))
    }
    case "Revoke": {
      const form = { token: holder.textOf(operation.kind, operation.token) }
      const answer = await asClient(caller, "/revoke", operation, form)
      return answer.status === 200 ? { _tag: "Done" } : refusal(answer)
    }
    case "Verify":
      return lookAt(caller, operation)
    default:
      return byTheBack(caller, operation)
  }
}

/** What is the operator's. */
const byTheBack = ({ running, holder }: Caller, operation: Operation): Promise<Reply> =>
  Effect.runPromise(perform(running.native, holder, operation))

const register = async ({ wire, holder }: Caller, operation: OperationOf<"Register">): Promise<Reply> => {
  const { client, invitation } = operation
  const bearer = invitation === undefined ? {} : { authorization: `Bearer ${holder.textOf("invitation", invitation)}` }
  const metadata = JSON.stringify(metadataOf(holder, operation))
  const answer = await wire.send("POST", "/register", { "content-type": "application/json", ...bearer }, metadata)
  const { status, body } = answer
  if (status !== 201) return refusal(answer)
  if (body.client_secret !== undefined) holder.put("secret", client, body.client_secret)
  holder.keepProof(client, false)
  return { _tag: "Stored", client: holder.numberOf("client", body.client_id!) }
}

/** For the client itself, or for whom an identity provider speaks. */
const forItself = async (
  caller: Caller,
  person: string,
  operation: OperationOf<"ClientCredentials">,
): Promise<Reply> => {
  const { by, scopes, resources, assertion } = operation
  const scope = scopes?.join(" ")
  if (assertion === undefined) {
    const resource = [...(resources ?? [policy.defaultResource!]), WATCHED]
    return tokens(caller, operation, { grant_type: "client_credentials", scope, resource })
  }
  const clientId = caller.holder.textOf("client", by)
  const all = [...policy.resources!, WATCHED]
  const jwt = await caller.signing.assertion(clientId, person, all, assertion)
  const form = { grant_type: JWT_BEARER, assertion: jwt, scope, resource: watched(resources) }
  const reply = await tokens(caller, operation, form)
  if (reply._tag === "Tokens") caller.signing.taken(jwt)
  return reply
}
