/**
 * The server behind HTTP, as a client, a browser and a resource server see it; what is the operator's goes in by the back.
 *
 * A resource server may look at tokens that are for it alone: so each request names its resource besides, and it is
 * taken off again where tokens are told of. Every request is approved for one and the same subject: without asking, or
 * by that person, who signs in and allows what is shown.
 */
import { Effect } from "effect"
import type { OAuthErrorCode } from "../../../src/protocol/index.ts"
import { parseToken } from "../../../src/provider/index.ts"
import type { Holder } from "../../../properties/Holder.ts"
import { UNREGISTERED_URI } from "../../../properties/machine/Names.ts"
import { registrationOf } from "../../../properties/machine/Registrations.ts"
import { policy } from "../../../properties/Opening.ts"
import { perform, redirectUris } from "../../../properties/Perform.ts"
import {
  TOKEN_EXCHANGE,
  type Authentication,
  type Key,
  type Operation,
  type OperationOf,
  type OperationTag,
  type Ref,
  type Reply,
} from "../../../properties/Operation.ts"
import type { System, SystemFactory } from "../../../properties/System.ts"
import { newDpopKey, type DpopKey } from "../DpopKey.ts"
import { addResourceServer } from "../Session.ts"
import { ACCOUNT, ISSUER, type TestServer } from "../TestServer.ts"
import { basic, challengeOf, formOf, wireClient, type Answer, type App, type WireClient } from "../WireClient.ts"
import { countGrant, newServerHolder } from "./Holder.ts"
import type { Running } from "./Running.ts"

const TOKEN_URL = `${ISSUER}/token`

/** The resource of whoever looks at tokens. */
export const WATCHED = "https://watcher.example/"

export interface HttpSystem {
  readonly name: string
  /** Behind the ten methods some things are not to be had, and some reasons come in another order. */
  readonly isTenMethods: boolean
}

/** How requests are approved, and whether keys can be proven. */
interface Way {
  readonly isAsked: boolean
  readonly isProving: boolean
}

interface Caller {
  readonly keys: Readonly<Record<Key, DpopKey>>
  readonly running: Running
  readonly wire: WireClient
  readonly watcher: App
  readonly holder: Holder
}

/** A factory of systems on one server that is up; each of them has clients of its own. */
export const httpSystem = async (
  { name, isTenMethods }: HttpSystem,
  server: TestServer,
  running: Running,
): Promise<SystemFactory> => {
  const wire = wireClient(server.url, {}, server.visit)
  const watcher = await addResourceServer(server, WATCHED)
  // Who signs in by the name of an account that was forgotten is another subject, and here it is always the same.
  const impossible: ReadonlyArray<OperationTag> = isTenMethods
    ? ["Deny", "ForgetSubject", "ClientCredentials", "DisableClient", "EnableClient"]
    : ["Deny", "ForgetSubject"]
  const way = {
    isAsked: server.visit !== undefined,
    isProving: !isTenMethods && server.native.features.senderConstraints.length > 0,
  }
  const keys = { k1: await newDpopKey(), k2: await newDpopKey() }
  const exchanges = !isTenMethods && server.native.features.grantTypes.has(TOKEN_EXCHANGE)
  return async (): Promise<System> => {
    const { subjectId } = await Effect.runPromise(server.native.accounts.ensure(ACCOUNT, server.clock.now()))
    await Effect.runPromise(server.native.enableSubject(subjectId))
    const holder = newServerHolder()
    holder.put("subject", 0, subjectId)
    const caller: Caller = { running, wire, watcher, holder, keys }
    return {
      name,
      possible: (tag) => !impossible.includes(tag) && (tag !== "Exchange" || exchanges),
      accepts: (operation) => accepts(holder, operation, way),
      sees: (operation, reply) => sees(isTenMethods, operation, reply),
      run: (operation) => run(caller, operation),
      now: server.clock.now,
      close: () => running.finish(holder.secrets().map(({ text }) => text)),
    }
  }
}

/** Flaws, second answers and policies have no way in, nor have keys where none are proven; the subject is always the same. */
const accepts = ({ countOf }: Holder, operation: Operation, { isAsked, isProving }: Way): boolean => {
  if ("key" in operation && operation.key !== null && !isProving) return false
  switch (operation._tag) {
    case "Register":
      return operation.flaw === null && operation.client === countOf("client")
    case "Update":
      return operation.flaw === null
    case "Approve": {
      const isNew = operation.grant === countOf("grant")
      const isSoApproved = isAsked ? operation.basis === "User" : operation.redirectUri !== "app"
      return isNew && operation.subject === 0 && !operation.isLate && isSoApproved
    }
    case "Revoke":
      return !operation.cascade
    // Who may exchange further is a policy's to say.
    case "Exchange":
      return operation.mayAct === null
    case "ClientCredentials":
      return operation.subject === undefined
    default:
      return true
  }
}

/** A page says why to people alone. Of two reasons, the ten methods may find the other one first. */
const sees = (isTenMethods: boolean, { _tag }: Operation, reply: Reply): Reply => {
  if (reply._tag !== "Refused") return reply
  const error: OAuthErrorCode = _tag === "Approve" ? "access_denied" : reply.error
  return { _tag: "Refused", error: isTenMethods && error === "unauthorized_client" ? "invalid_grant" : error }
}

const refusal = ({ status, body, text }: Answer): Reply => {
  if (status === 503) return { _tag: "Unavailable" }
  if (status >= 400 && status < 500 && body.error !== undefined) {
    return { _tag: "Refused", error: body.error as OAuthErrorCode }
  }
  return { _tag: "Fault", message: `${status} ${text}` }
}

/** Resources as they are asked for, with the one that is watched. */
const watched = (resources: ReadonlyArray<string> | null): ReadonlyArray<string> | undefined =>
  resources === null ? undefined : [...resources, WATCHED]

const run = async (caller: Caller, operation: Operation): Promise<Reply> => {
  const { running, holder } = caller
  switch (operation._tag) {
    case "Pass":
      running.clock.pass(operation.millis / 1000)
      return { _tag: "Done" }
    case "Register":
      return operation.profile.isSelfRegistered ? register(caller, operation) : byTheBack(caller, operation)
    case "Approve":
      return approve(caller, operation)
    case "Redeem": {
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
    case "ClientCredentials": {
      const form = {
        scope: operation.scopes?.join(" "),
        resource: [...(operation.resources ?? [policy.defaultResource!]), WATCHED],
      }
      return countGrant(holder, await tokens(caller, operation, { grant_type: "client_credentials", ...form }))
    }
    case "Exchange": {
      const { actor, scopes, resources } = operation
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

const register = async ({ wire, holder }: Caller, { client, profile }: OperationOf<"Register">): Promise<Reply> => {
  const answer = await wire.register({ ...registrationOf(profile, null).metadata })
  const { status, body } = answer
  if (status !== 201) return refusal(answer)
  if (body.client_secret !== undefined) holder.put("secret", client, body.client_secret)
  return { _tag: "Stored", client: holder.numberOf("client", body.client_id!) }
}

const approve = async ({ wire, holder, keys }: Caller, operation: OperationOf<"Approve">): Promise<Reply> => {
  const { client, scopes, resources } = operation
  const redirectUri = redirectUris[operation.redirectUri]
  const verifier = holder.textOf("verifier", operation.grant)
  const app = { clientId: holder.textOf("client", client), redirectUri }
  const { status, headers, text } = await wire.authorize(app, {
    code_challenge: challengeOf(verifier),
    scope: scopes?.join(" "),
    dpop_jkt: operation.key === null ? undefined : keys[operation.key].jkt,
    // One that names none names the default one here, for it names what is watched.
    resource: [...(resources ?? [policy.defaultResource!]), WATCHED],
  })
  const code = new URL(headers.get("location") ?? "about:blank").searchParams.get("code")
  if (code === null) {
    return status < 500 ? { _tag: "Refused", error: "access_denied" } : { _tag: "Fault", message: `${status} ${text}` }
  }
  const grant = holder.numberOf("grant", parseToken(code)!.grantId)
  holder.keepCode(grant, { code, verifier, redirectUri, scopes })
  return { _tag: "Code", grant }
}

interface By {
  readonly by: Ref
  readonly authentication: Authentication
  readonly key?: Key | null
}

/** A confidential client shows its secret in the header; who has none, or a wrong one, says so in the form. */
const asClient = (
  { wire, holder }: Caller,
  path: string,
  { by, authentication }: By,
  form: Parameters<typeof formOf>[0],
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const clientId = holder.textOf("client", by)
  const secret = holder.secretOf(by, authentication)
  return secret === undefined
    ? wire.post(path, { client_id: clientId, ...form }, headers)
    : wire.post(path, form, { ...basic(clientId, secret), ...headers })
}

const tokens = async (caller: Caller, by: By, form: Parameters<typeof formOf>[0]): Promise<Reply> => {
  const { running, keys } = caller
  const { key = null } = by
  const proof = key === null ? {} : { dpop: await keys[key].proof("POST", TOKEN_URL, { now: running.clock.now() }) }
  const answer = await asClient(caller, "/token", by, form, proof)
  const { status, body } = answer
  const { numberOf } = caller.holder
  if (status !== 200) return refusal(answer)
  return {
    _tag: "Tokens",
    access: numberOf("access", body.access_token!),
    refresh: body.refresh_token === undefined ? null : numberOf("refresh", body.refresh_token),
    scopes: body.scope?.split(" ") ?? [],
    expiresAt: caller.running.clock.now() + body.expires_in! * 1000,
  }
}

const lookAt = async ({ wire, watcher, holder }: Caller, { token }: OperationOf<"Verify">): Promise<Reply> => {
  const answer = await wire.introspect(watcher, holder.textOf("access", token))
  const { active, client_id, scope, sub, aud, exp } = answer.body as Readonly<Record<string, unknown>>
  if (answer.status !== 200) return refusal(answer)
  if (active !== true) return { _tag: "Inactive" }
  return {
    _tag: "Active",
    client: holder.numberOf("client", String(client_id)),
    subject: sub === undefined ? null : holder.numberOf("subject", String(sub)),
    scopes: typeof scope === "string" ? scope.split(" ") : [],
    resources: [aud]
      .flat()
      .filter((resource): resource is string => typeof resource === "string" && resource !== WATCHED),
    expiresAt: Number(exp) * 1000,
  }
}
