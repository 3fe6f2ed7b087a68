/**
 * A provider in memory that keeps a ledger of grants: rotation is strict, a replay or a reuse ends the grant. As it is it
 * has no fault; each tuning is one, of what an end reaches, how long it is remembered, or what runs at the same time.
 *
 * It knows nothing of the kit.
 */
import { hash } from "node:crypto"
import type { AccessToken, OAuthClientInformationFull, OAuthProvider, OAuthToken } from "../../src/entry/grantlog.ts"
import { soundMints, type Content, type Kind, type MakeMint } from "./Mints.ts"

type Client = OAuthClientInformationFull

export type Cause = "revocation" | "replay" | "reuse"

export interface Grant {
  readonly id: number
  readonly clientId: string
  readonly scopes: ReadonlyArray<string>
  readonly resource: ReadonlyArray<string>
  readonly challenge: string
  readonly redirectUri: string
  generation: number
  isRedeemed: boolean
  /** Nobody knows any more which of its refresh tokens is the newest. */
  isUncounted: boolean
  ended: { readonly cause: Cause; readonly at: number; readonly by: Kind } | undefined
}

export interface Tuning {
  readonly mint?: MakeMint
  /** What else ends where a grant is ended. */
  readonly endsToo?: (other: Grant, ended: Grant, cause: Cause) => boolean
  /** What of an ended grant lives on. */
  readonly spares?: (token: Content, grant: Grant) => boolean
  /** How long an end is remembered. */
  readonly endSeconds?: number
  /** Whether a refresh token of this generation counts as spent, where another one is the grant's. */
  readonly isSpent?: (presented: number, current: number) => boolean
  /** How many there is room for; the oldest make room. */
  readonly room?: { readonly grants?: number; readonly ends?: number; readonly clients?: number }
  /** What another one that starts on the same ledger does not find. */
  readonly forgets?: "ends" | "spent codes" | "generations" | "access tokens"
  /** What is kept where the next call of the kind finds it, and for how many turns. */
  readonly sharing?: "what is approved" | "what is exchanged" | "what is looked at" | "answers"
  readonly sharedTurns?: number
  /** Turns between finding an id free and taking it. */
  readonly registrationTurns?: number
}

const CODE_SECONDS = 60
const ACCESS_SECONDS = 3600
const REFRESH_SECONDS = 14 * 24 * 3600

const refusal = (error: string) => Object.assign(new Error(error), { error })
const isWithin = (part: ReadonlyArray<string>, whole: ReadonlyArray<string>) => part.every((one) => whole.includes(one))

const turns = async (count: number): Promise<void> => {
  for (let turn = 0; turn < count; turn += 1) await Promise.resolve()
}

const keepRoom = <Key, Value>(table: Map<Key, Value>, most = Infinity): void => {
  for (const key of table.keys()) {
    if (table.size <= most) return
    table.delete(key)
  }
}

const ledgers = new WeakMap<OAuthProvider, { readonly again: () => OAuthProvider }>()

/** Another provider on what this one has kept. */
export const restartLedger = (provider: OAuthProvider): OAuthProvider => ledgers.get(provider)!.again()

export const ledgerProvider =
  (tuning: Tuning = {}) =>
  ({ now }: { readonly now: () => number }): OAuthProvider => {
    const { mint: makeMint = soundMints["random letters"]!, room = {}, sharing, sharedTurns = 0 } = tuning
    const { isSpent = (presented, current) => presented !== current, endSeconds = Infinity } = tuning
    const mint = makeMint()
    const clients = new Map<string, Client>()
    const grants = new Map<number, Grant>()
    const ends = new Map<number, Grant>()
    let count = 0
    let shared: unknown
    const seconds = () => now() / 1000

    const end = (grant: Grant, cause: Cause, by: Kind) => {
      for (const one of grants.values()) {
        if (one !== grant && tuning.endsToo?.(one, grant, cause) !== true) continue
        one.ended ??= { cause, at: seconds(), by }
        ends.set(one.id, one)
      }
      keepRoom(ends, room.ends)
    }
    const isEnded = (grant: Grant, content: Content): boolean =>
      grant.ended !== undefined &&
      ends.has(grant.id) &&
      seconds() < grant.ended.at + endSeconds &&
      tuning.spares?.(content, grant) !== true

    /** What is read stays what it is, whoever else is asked meanwhile; or it does not. */
    const keeping = async <A>(what: Tuning["sharing"], value: A): Promise<A> => {
      if (sharing !== what) return value
      shared = value
      await turns(sharedTurns)
      return shared as A
    }

    /** What `text` stands for, of whichever client; ended grants too. */
    const find = (kind: Kind, text: string) => {
      const content = mint.read(kind, text)
      const grant = content && grants.get(content.grant)
      return content === undefined || grant === undefined ? undefined : { content, grant }
    }
    const ofClient = (kind: Kind, client: Client, text: string) => {
      const found = find(kind, text)
      return found?.grant.clientId === client.client_id ? found : undefined
    }

    const write = (kind: Kind, grant: Grant, life: number, changes: Partial<Content> = {}): string => {
      const { id, clientId, scopes, resource, generation } = grant
      const iat = Math.floor(seconds())
      return mint.write({ kind, grant: id, clientId, scopes, resource, generation, iat, exp: iat + life, ...changes })
    }

    let underWay: Promise<OAuthToken> | undefined

    const issue = async (
      grant: Grant,
      scopes: ReadonlyArray<string>,
      resource: ReadonlyArray<string>,
    ): Promise<OAuthToken> => {
      const answer = {
        access_token: write("access", grant, ACCESS_SECONDS, { scopes, resource }),
        token_type: "Bearer" as const,
        expires_in: ACCESS_SECONDS,
        scope: scopes.join(" "),
        refresh_token: write("refresh", grant, REFRESH_SECONDS),
      }
      if (sharing !== "answers") return answer
      underWay ??= turns(sharedTurns).then(() => answer)
      const given = await underWay
      underWay = undefined
      return given
    }

    const narrowed = (asked: ReadonlyArray<string> = [], granted: ReadonlyArray<string>, error: string) => {
      if (!isWithin(asked, granted)) throw refusal(error)
      return asked.length > 0 ? asked : granted
    }

    const recordOf = ({ content, grant }: { readonly content: Content; readonly grant: Grant }) => ({
      clientId: grant.clientId,
      subject: "alice",
      scopes: content.scopes,
      resource: content.resource,
      expiresAt: content.exp,
    })

    const verifyToken = async (token: string): Promise<AccessToken | undefined> => {
      const found = await keeping("what is looked at", find("access", token))
      if (found === undefined || seconds() >= found.content.exp || isEnded(found.grant, found.content)) return undefined
      return { ...recordOf(found), token }
    }

    const made = (): OAuthProvider => {
      const provider: OAuthProvider = {
        getClient: async (clientId) => clients.get(clientId),
        registerClient: async (client) => {
          if (clients.has(client.client_id)) throw refusal("invalid_client_metadata")
          if (tuning.registrationTurns !== undefined) await turns(tuning.registrationTurns)
          clients.set(client.client_id, client)
          keepRoom(clients, room.clients)
        },
        authorize: async (client, request) => {
          const { codeChallenge: challenge, redirectUri, state } = request
          const { scopes, resource } = await keeping("what is approved", request)
          if (!clients.get(client.client_id)?.redirect_uris.includes(redirectUri)) throw refusal("invalid_request")
          const asked = { scopes: scopes?.length ? scopes : ["read"], resource: resource ?? [] }
          const fresh = { generation: 0, isRedeemed: false, isUncounted: false, ended: undefined }
          const grant: Grant = {
            id: (count += 1),
            clientId: client.client_id,
            challenge,
            redirectUri,
            ...asked,
            ...fresh,
          }
          grants.set(grant.id, grant)
          keepRoom(grants, room.grants)
          const answer = new URL(redirectUri)
          answer.searchParams.set("code", write("code", grant, CODE_SECONDS))
          if (state !== undefined) answer.searchParams.set("state", state)
          return answer.href
        },
        loadAuthorizationCode: async (client, code) => {
          const found = ofClient("code", client, code)
          if (found === undefined) return undefined
          const { challenge: codeChallenge, redirectUri } = found.grant
          return { ...recordOf(found), code, codeChallenge, redirectUri, redirectUriProvidedExplicitly: true }
        },
        exchangeAuthorizationCode: async (client, { code }, proof = {}) => {
          const found = await keeping("what is exchanged", ofClient("code", client, code))
          if (found === undefined || isEnded(found.grant, found.content)) throw refusal("invalid_grant")
          const { grant, content } = found
          const isProven = hash("sha256", proof.codeVerifier ?? "", "base64url") === grant.challenge
          const isThere = (proof.redirectUri ?? grant.redirectUri) === grant.redirectUri
          if (sharing !== "what is exchanged" && !(isProven && isThere)) throw refusal("invalid_grant")
          if (grant.isRedeemed) {
            end(grant, "replay", "code")
            throw refusal("invalid_grant")
          }
          if (seconds() >= content.exp) throw refusal("invalid_grant")
          const resource = narrowed(proof.resource, grant.resource, "invalid_target")
          grant.isRedeemed = true
          return issue(grant, grant.scopes, resource)
        },
        loadRefreshToken: async (client, token) => {
          const found = ofClient("refresh", client, token)
          return found && { ...recordOf(found), token }
        },
        exchangeRefreshToken: async (client, { token }, scopes, proof = {}) => {
          const found = await keeping("what is exchanged", ofClient("refresh", client, token))
          if (found === undefined || isEnded(found.grant, found.content)) throw refusal("invalid_grant")
          const { grant, content } = found
          if (!grant.isUncounted && isSpent(content.generation, grant.generation)) {
            end(grant, "reuse", "refresh")
            throw refusal("invalid_grant")
          }
          if (seconds() >= content.exp) throw refusal("invalid_grant")
          const given = narrowed(scopes, grant.scopes, "invalid_scope")
          const resource = narrowed(proof.resource, grant.resource, "invalid_target")
          grant.generation = Math.max(content.generation, grant.generation) + 1
          grant.isUncounted = false
          return issue(grant, given, resource)
        },
        loadAccessToken: verifyToken,
        verifyToken,
        revokeToken: async ({ token, clientId }) => {
          const access = find("access", token)
          const grant = (access ?? find("refresh", token))?.grant
          if (grant?.clientId === clientId) end(grant, "revocation", access === undefined ? "refresh" : "access")
        },
      }
      ledgers.set(provider, {
        again: () => {
          if (tuning.forgets === "ends") ends.clear()
          for (const grant of grants.values()) {
            if (tuning.forgets === "spent codes") grant.isRedeemed = false
            if (tuning.forgets === "generations") grant.isUncounted = true
          }
          return made()
        },
      })
      return provider
    }
    return made()
  }
