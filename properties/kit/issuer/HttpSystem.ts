/**
 * A server behind HTTP, tried with operations: each becomes the requests that it means, each answer a reply.
 *
 * Codes and tokens get numbers in the order in which they were seen. Times are the real ones: nobody can turn the clock
 * of somebody else's server, and time passes by waiting. What cannot be asked for over HTTP, or not of this server, is not tried.
 */
import { setTimeout } from "node:timers/promises"
import type { OAuthErrorCode } from "../../../src/protocol/index.ts"
import { mintFor, newHolder } from "../../Holder.ts"
import {
  TOKEN_EXCHANGE,
  type OperationOf,
  type OperationTag,
  type Presented,
  type Ref,
  type Reply,
} from "../../Operation.ts"
import { seenInFull, type System } from "../../System.ts"
import { NotTried } from "../judging/Obstacles.ts"
import { isExchanging, listMember, textMember } from "./Discovery.ts"
import { endpointOf, type Issuer } from "./Issuer.ts"
import type { WireClient } from "./Registration.ts"
import { formRequest, type Pair } from "./Requests.ts"
import { isUnanswered } from "./Patience.ts"
import { exchangeIn, hasTokens, tell, type Exchange } from "./Telling.ts"
import type { WireAnswer, WireRequest } from "./Wire.ts"

export interface HttpSystem extends System {
  readonly isPublic: (client: Ref) => boolean
  /** The last exchange behind a reply; `undefined` where nothing was sent. */
  readonly exchangeOf: (reply: Reply) => Exchange | undefined
  /** Whether an access token lives until it expires, whatever becomes of its grant: whoever is shown it asks nobody. */
  readonly isSelfContained: (token: Presented) => boolean
}

/** What is known of an access token besides its text. */
interface GivenAccess {
  readonly client: Ref
  readonly reply: Extract<Reply, { readonly _tag: "Tokens" }>
}

/** What a server that says nothing of it is taken to mean by `expires_in`. */
const DEFAULT_LIFETIME_SECONDS = 3600
/** How much later an end may seem to be that is told a second time. */
const HEARD_MILLIS = 2000
const OTHER_REDIRECT_URI = "http://127.0.0.1:7654/other"

const scopePair = (scopes: ReadonlyArray<string> | null): ReadonlyArray<Pair> =>
  scopes === null || scopes.length === 0 ? [] : [["scope", scopes.join(" ")]]
const resourcePairs = (resources: ReadonlyArray<string> | null): ReadonlyArray<Pair> =>
  (resources ?? []).map((resource) => ["resource", resource] as const)

const words = (text: string | undefined): ReadonlyArray<string> => (text ?? "").split(" ").filter((word) => word !== "")

/** An answer without tokens: a refusal of the protocol, a request to come again, or a fault. */
const withoutTokens = (answer: WireAnswer): Reply => {
  if (isUnanswered(answer)) return { _tag: "Unavailable" }
  const error = textMember(answer.body, "error")
  return error !== undefined && answer.status >= 400 && answer.status < 500
    ? { _tag: "Refused", error: error as OAuthErrorCode }
    : { _tag: "Fault", message: tell(answer) }
}

/** Acts for the issuer's clients, client 0 being the first of `clients`. */
export const makeHttpSystem = (issuer: Issuer, clients: ReadonlyArray<WireClient>): HttpSystem => {
  const { wire, metadata, logins, liveness } = issuer
  const exchanges = new WeakMap<Reply, Exchange>()
  /** What each refresh token is for: a response that names no scope means what was asked for. */
  const refreshScopes = new Map<Ref, ReadonlyArray<string>>()
  const accessTokens = new Map<Ref, GivenAccess>()
  const holder = newHolder(mintFor(clients[0]!.redirectUri))
  const now = () => Date.now()

  const clientAt = (ref: Ref): WireClient => {
    const client = clients[ref]
    if (client === undefined) throw new NotTried("it takes another client, and none could be registered")
    return client
  }
  /** Sends what an operation means; its reply is a new object, which the exchange is found by. */
  const exchanged = async (
    request: WireRequest,
    replyTo: (answer: WireAnswer) => Reply | Promise<Reply>,
  ): Promise<Reply> => {
    const answer = await wire.send(request)
    const reply = { ...(await replyTo(answer)) }
    exchanges.set(reply, exchangeIn(request, answer))
    return reply
  }

  const numbered = async (
    answer: WireAnswer,
    client: Ref,
    asked: ReadonlyArray<string>,
    granted: ReadonlyArray<string>,
  ): Promise<Reply> => {
    if (!hasTokens(answer)) return withoutTokens(answer)
    const refreshToken = textMember(answer.body, "refresh_token")
    const refresh = refreshToken === undefined ? null : holder.numberOf("refresh", refreshToken)
    const access = holder.numberOf("access", String(answer.body["access_token"]))
    const known = accessTokens.get(access)
    if (refresh !== null && !refreshScopes.has(refresh)) refreshScopes.set(refresh, granted)
    if (known !== undefined) return { ...known.reply, refresh }
    const { expires_in: lifetime = DEFAULT_LIFETIME_SECONDS, scope } = answer.body
    const expiresAt = now() + Number(lifetime) * 1000
    const own =
      typeof scope === "string"
        ? words(scope).filter((one) => issuer.scopes.includes(one) || asked.includes(one))
        : asked.filter((one) => issuer.scopes.includes(one))
    const reply = { _tag: "Tokens", access, refresh, scopes: own, expiresAt } as const
    accessTokens.set(access, { client, reply })
    await liveness.learn(clientAt(client), String(answer.body["access_token"]))
    return reply
  }

  const approve = async (operation: OperationOf<"Approve">): Promise<Reply> => {
    const { grant, client, scopes, resources } = operation
    if (operation.redirectUri === "app")
      throw new NotTried("no client here has a redirect URI besides the loopback one")
    const redirectUri = operation.redirectUri === "unregistered" ? OTHER_REDIRECT_URI : clientAt(client).redirectUri
    const asked = scopes ?? issuer.scopes
    const login = await logins.login({
      client: clientAt(client),
      redirectUri,
      scopes: asked,
      ...(resources === null ? {} : { resources }),
    })
    if (login._tag === "Refused") return { _tag: "Refused", error: login.error as OAuthErrorCode }
    // A page that says no: there was nobody to send the refusal to.
    if (login._tag === "Nowhere" && login.isRefusal) return { _tag: "Refused", error: "invalid_request" }
    if (login._tag === "Nowhere") throw new NotTried(`no login: ${login.what}`)
    holder.keepCode(grant, { ...login, redirectUri, scopes: asked })
    const reply = { _tag: "Code", grant } as const
    const request = `GET ${new URL(metadata.authorizationEndpoint).pathname} (redirect_uri=${redirectUri})`
    exchanges.set(reply, { request, answer: "a redirect with a code" })
    return reply
  }

  const redeem = async (operation: OperationOf<"Redeem">): Promise<Reply> => {
    const { by, authentication, resources } = operation
    const { code, verifier, redirectUri, scopes } = holder.redemptionOf(operation, OTHER_REDIRECT_URI)
    const asked = scopes ?? issuer.scopes
    const pairs: ReadonlyArray<readonly [string, string | undefined]> = [
      ["grant_type", "authorization_code"],
      ["code", code],
      ["code_verifier", verifier],
      ["redirect_uri", redirectUri],
      ...resourcePairs(resources),
    ]
    const form = pairs.filter((pair): pair is Pair => pair[1] !== undefined)
    const request = formRequest(metadata.tokenEndpoint, clientAt(by), form, authentication)
    return exchanged(request, (answer) => numbered(answer, by, asked, asked))
  }

  const refresh = async (operation: OperationOf<"Refresh">): Promise<Reply> => {
    const { by, authentication, token, scopes, resources } = operation
    const form: ReadonlyArray<Pair> = [
      ["grant_type", "refresh_token"],
      ["refresh_token", holder.textOf("refresh", token)],
      ...scopePair(scopes),
      ...resourcePairs(resources),
    ]
    const granted = (token === "made up" ? undefined : refreshScopes.get(token)) ?? issuer.scopes
    const request = formRequest(metadata.tokenEndpoint, clientAt(by), form, authentication)
    return exchanged(request, (answer) => numbered(answer, by, scopes ?? granted, granted))
  }

  const exchange = async (operation: OperationOf<"Exchange">): Promise<Reply> => {
    const { by, authentication, token, scopes, resources } = operation
    const given = token === "made up" ? undefined : accessTokens.get(token)
    const form: ReadonlyArray<Pair> = [
      ["grant_type", TOKEN_EXCHANGE],
      ["subject_token", holder.textOf("access", token)],
      ["subject_token_type", "urn:ietf:params:oauth:token-type:access_token"],
      ...scopePair(scopes),
      ...resourcePairs(resources),
    ]
    const own = given?.reply.scopes ?? issuer.scopes
    const request = formRequest(metadata.tokenEndpoint, clientAt(by), form, authentication)
    const askedAt = now()
    return exchanged(request, async (answer) => {
      const tookMillis = now() - askedAt
      const reply = await numbered(answer, by, scopes ?? own, own)
      const beyond = reply._tag === "Tokens" && given !== undefined ? reply.expiresAt - given.reply.expiresAt : 0
      // Both ends are told in whole seconds, and heard of a little later: this one as late as the answer came.
      return reply._tag === "Tokens" && beyond > 0 && beyond <= HEARD_MILLIS + tookMillis
        ? { ...reply, expiresAt: given!.reply.expiresAt }
        : reply
    })
  }

  const revoke = async (operation: OperationOf<"Revoke">): Promise<Reply> => {
    const { by, authentication, kind, token } = operation
    const form: ReadonlyArray<Pair> = [
      ["token", holder.textOf(kind, token)],
      ["token_type_hint", kind === "access" ? "access_token" : "refresh_token"],
    ]
    const request = formRequest(endpointOf(issuer, "revocation"), clientAt(by), form, authentication)
    return exchanged(request, (answer) => (answer.status === 200 ? { _tag: "Done" } : withoutTokens(answer)))
  }

  const verify = async ({ token }: OperationOf<"Verify">): Promise<Reply> => {
    const given = token === "made up" ? undefined : accessTokens.get(token)
    const client = given?.client ?? 0
    const { isAlive, body, exchange } = await liveness.look(clientAt(client), holder.textOf("access", token))
    const reply = isAlive ? aliveAs(given, client, body) : ({ _tag: "Inactive" } as const)
    exchanges.set(reply, exchange)
    return reply
  }

  const aliveAs = (given: GivenAccess | undefined, client: Ref, body: WireAnswer["body"]): Reply => {
    if (given === undefined) return { _tag: "Fault", message: "a made-up token is alive" }
    const scope = textMember(body, "scope")
    const scopes = scope === undefined ? given.reply.scopes : words(scope).filter((one) => issuer.scopes.includes(one))
    const audience = textMember(body, "aud")
    const all = audience === undefined ? listMember(body, "aud") : [audience]
    const resources = all.filter((one) => issuer.resources.includes(one))
    const expiresAt = typeof body["exp"] === "number" ? body["exp"] * 1000 : given.reply.expiresAt
    return { _tag: "Active", client, subject: 0, scopes, resources, expiresAt }
  }

  const possible = (tag: OperationTag): boolean => {
    if (tag === "Verify") return liveness.ways().length > 0
    if (tag === "Revoke") return metadata.revocationEndpoint !== undefined
    if (tag === "Exchange") return isExchanging(metadata)
    return tag === "Pass" || tag === "Approve" || tag === "Redeem" || tag === "Refresh"
  }

  const canLook = (token: Presented): boolean => {
    const client = token === "made up" ? 0 : (accessTokens.get(token)?.client ?? 0)
    return liveness.canLook(clientAt(client), holder.textOf("access", token))
  }

  return {
    name: issuer.url,
    now,
    possible,
    accepts: (operation) => (operation._tag === "Verify" ? canLook(operation.token) : possible(operation._tag)),
    isPublic: (client) => clientAt(client).secret === undefined,
    exchangeOf: (reply) => exchanges.get(reply),
    isSelfContained: (token) => {
      const given = token === "made up" ? undefined : accessTokens.get(token)
      return given !== undefined && liveness.isSelfContained(clientAt(given.client), holder.textOf("access", token))
    },
    sees: seenInFull,
    close: () => Promise.resolve(),
    run: (operation) => {
      switch (operation._tag) {
        case "Approve":
          return approve(operation)
        case "Redeem":
          return redeem(operation)
        case "Refresh":
          return refresh(operation)
        case "Exchange":
          return exchange(operation)
        case "Revoke":
          return revoke(operation)
        case "Verify":
          return verify(operation)
        case "Pass":
          return setTimeout(operation.millis, { _tag: "Done" })
        default:
          return Promise.reject(new NotTried(`nobody can ask a server for \`${operation._tag}\` over HTTP`))
      }
    },
  }
}
