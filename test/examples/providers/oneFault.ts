/**
 * A provider in memory without fault, and the same with one of those that are easily made and hard to see: most are
 * never met by a client that does nothing wrong, nor by a handler that keeps to its part.
 *
 * Each fault is one deviation at one place, asked for by name; `soundMemory` has none.
 */
import { hash } from "node:crypto"
import type {
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthProvider,
  OAuthToken,
  RefreshToken,
} from "../../../src/entry/grantlog.ts"
import { randomToken } from "./random.ts"
import { answerTo } from "./redirectUris.ts"

const CODE_SECONDS = 120
const ACCESS_SECONDS = 1200
const REFRESH_SECONDS = 30 * 24 * 3600
const YEARS_SECONDS = 10 * 365 * 24 * 3600

/** What can be wrong, by the place where it is. */
export const faultsOf = {
  records: [
    "a code is exchanged for any client",
    "a refresh token is exchanged for any client",
    "a code is used up before its client is looked at",
    "a refresh token is used up before its client is looked at",
    "a replay is taken for one whoever comes with it",
    "a reuse is taken for one whoever comes with it",
    "a code's record is given to anybody",
    "a refresh token's record is given to anybody",
    "whether a code is spent is read in the record",
    "whether a refresh token is spent is read in the record",
    "whether a grant has ended is read in the record",
    "when a code has ended is judged where it is loaded",
    "when a refresh token has ended is judged where it is loaded",
    "the end in a code's record is believed",
    "the end in a refresh token's record is believed",
    "the scopes in a refresh token's record are believed",
    "the client in a refresh token's record is believed",
  ],
  comparisons: [
    "a redirect URI matches by its beginning",
    "a redirect URI matches by its origin",
    "a redirect URI matches by the end of its host",
    "a redirect URI matches in any case",
    "a redirect URI matches with a slash behind it",
    "a redirect URI matches without its query",
    "the redirect URI of a code matches by its beginning",
    "the redirect URI of a code matches in any case",
    "the redirect URI of a code matches with a slash behind it",
    "the redirect URI of a code matches by its origin",
    "a verifier may be the challenge",
    "a verifier is trimmed",
    "a challenge is compared by its beginning",
    "a challenge is compared in any case",
    "a challenge is compared as far as it is long",
    "an empty challenge asks for nothing",
    "a verifier may be that of another code",
    "the state is dropped",
    "the state is cut short",
    "the state is not encoded",
    "a state is made up",
  ],
  refreshes: [
    "less scope once is less for ever",
    "less scope once is less for ever, without a word",
    "a refresh for less scope spends nothing",
    "the resource is lost at a refresh",
    "the resource is lost where none is named",
    "every resource is given at a refresh",
  ],
  time: [
    "a code never ends",
    "a code never ends, and says so",
    "a code ends in years",
    "a refresh token never ends",
    "a code ends a second late",
    "a refresh token ends a second late",
    "what was revoked comes back as the clock steps back",
    "what was spent comes back as the clock steps back",
    "loadAccessToken knows what was revoked",
    "loadAccessToken knows what has ended",
    "loadAccessToken knows nothing that came of a refresh",
    "a code's end is text",
    "a refresh token's end is text",
    "an access token's end is text",
    "a code's end is in milliseconds",
    "a refresh token's end is in milliseconds",
    "an access token's end is in milliseconds",
    "expires_in is text",
    "expires_in is below zero",
    "expires_in is of another life",
    "an access token lives longer by being looked at",
    "an access token lives longer by being looked at, and says so",
    "an access token lives longer by a refresh",
  ],
} as const

export type Fault = (typeof faultsOf)[keyof typeof faultsOf][number]

interface Grant {
  readonly client: string
  readonly scopes: ReadonlyArray<string>
  readonly resource: ReadonlyArray<string>
  endedAt: number
}
interface Code {
  readonly grant: Grant
  readonly challenge: string
  readonly redirectUri: string
  readonly expiresAt: number
  spentAt: number
}
interface Refresh {
  readonly grant: Grant
  /** What it was narrowed to, where that lasts. */
  readonly scopes: ReadonlyArray<string>
  readonly expiresAt: number
  spentAt: number
}
interface Access {
  readonly grant: Grant
  readonly scopes: ReadonlyArray<string>
  readonly resource: ReadonlyArray<string>
  readonly isRefreshed: boolean
  expiresAt: number
}

class Refusal extends Error {
  readonly error: string
  constructor(error: string) {
    super("refused")
    this.error = error
  }
}

type World = { readonly now: () => number }

const isWithin = (asked: ReadonlyArray<string>, granted: ReadonlyArray<string>) =>
  asked.every((one) => granted.includes(one))
const sha256 = (text: string) => hash("sha256", text, "base64url")
const flat = (text: string) => text.toLowerCase()

/** The provider that has this fault, or none. */
export const withFault =
  (fault?: Fault) =>
  ({ now }: World): OAuthProvider => {
    const has = (...names: ReadonlyArray<Fault>) => fault !== undefined && names.includes(fault)
    const clients = new Map<string, OAuthClientInformationFull>()
    const codes = new Map<string, Code>()
    const refreshTokens = new Map<string, Refresh>()
    const accessTokens = new Map<string, Access>()
    const seconds = () => now() / 1000
    const isOver = (moment: number) =>
      has("what was revoked comes back as the clock steps back") ? seconds() >= moment : moment !== Infinity
    const isSpent = (moment: number) =>
      has("what was spent comes back as the clock steps back") ? seconds() >= moment : moment !== Infinity
    const end = (grant: Grant) => void (grant.endedAt = Math.min(grant.endedAt, seconds()))

    const isSameUri = (known: string, asked: string, atExchange: boolean): boolean => {
      if (known === asked) return true
      const where = (name: string) =>
        `${atExchange ? "the redirect URI of a code" : "a redirect URI"} matches ${name}` as Fault
      const [left, right] = [URL.parse(known), URL.parse(asked)]
      if (has(where("by its beginning"))) return asked.startsWith(known)
      if (has(where("by its origin"))) return left?.origin === right?.origin
      if (has(where("by the end of its host")))
        return right?.host.endsWith(left?.host ?? "-") === true && left?.pathname === right.pathname
      if (has(where("in any case"))) return flat(known) === flat(asked)
      if (has(where("with a slash behind it"))) return asked.replace(/\/$/, "") === known
      return has(where("without its query")) && asked.split("?")[0] === known
    }

    const isVerified = (verifier: string, { challenge }: Code): boolean => {
      if (challenge === "" && has("an empty challenge asks for nothing")) return true
      if (has("a verifier may be the challenge") && verifier === challenge) return true
      if (has("a verifier may be that of another code"))
        return [...codes.values()].some((one) => one.challenge === sha256(verifier))
      const shown = has("a verifier is trimmed") ? verifier.trim() : verifier
      if (!/^[\w.~-]{43,128}$/.test(shown)) return false
      const digest = sha256(shown)
      if (has("a challenge is compared by its beginning"))
        return challenge !== "" && digest.startsWith(challenge.slice(0, 8))
      if (has("a challenge is compared in any case")) return flat(digest) === flat(challenge)
      if (has("a challenge is compared as far as it is long")) return challenge !== "" && digest.startsWith(challenge)
      return digest === challenge
    }

    const stateFor = (state: string | undefined): string | undefined => {
      if (has("the state is dropped")) return undefined
      if (has("the state is cut short")) return state?.slice(0, 32)
      return has("a state is made up") ? (state ?? "undefined") : state
    }

    /** An end as it is told. */
    const told = (kind: "code" | "refresh token" | "access token", expiresAt: number): number => {
      const article = kind === "access token" ? "an" : "a"
      if (has(`${article} ${kind}'s end is text` as Fault)) return String(expiresAt) as never
      return has(`${article} ${kind}'s end is in milliseconds` as Fault) ? expiresAt * 1000 : expiresAt
    }

    const issue = (
      { grant, scopes: kept }: Pick<Refresh, "grant" | "scopes">,
      scopes: ReadonlyArray<string>,
      resource: ReadonlyArray<string>,
      isRefreshed: boolean,
    ): OAuthToken => {
      const [access, refresh] = [randomToken("a_"), randomToken("r_")]
      const expiresAt = seconds() + ACCESS_SECONDS
      accessTokens.set(access, { grant, scopes, resource, isRefreshed, expiresAt })
      refreshTokens.set(refresh, { grant, scopes: kept, expiresAt: seconds() + REFRESH_SECONDS, spentAt: Infinity })
      const lives: Partial<Record<Fault, unknown>> = {
        "expires_in is text": String(ACCESS_SECONDS),
        "expires_in is below zero": -ACCESS_SECONDS,
        "expires_in is of another life": 2 * ACCESS_SECONDS,
      }
      return {
        access_token: access,
        token_type: "Bearer",
        expires_in: (lives[fault!] ?? ACCESS_SECONDS) as number,
        ...(has("less scope once is less for ever, without a word") ? {} : { scope: scopes.join(" ") }),
        refresh_token: refresh,
      }
    }

    const accessRecord = (token: string, { grant, scopes, resource, expiresAt }: Access, isToldEnd = true) => ({
      token,
      clientId: grant.client,
      scopes,
      resource,
      subject: "alice",
      ...(isToldEnd ? { expiresAt: told("access token", expiresAt) } : {}),
    })

    const liveAccess = (token: string): Access | undefined => {
      const access = accessTokens.get(token)
      return access === undefined || isOver(access.grant.endedAt) || seconds() >= access.expiresAt ? undefined : access
    }

    const ofClient = <Thing extends { readonly grant: Grant }>(
      thing: Thing | undefined,
      client: OAuthClientInformationFull,
      isForAnybody: boolean,
    ): Thing | undefined => (isForAnybody || thing?.grant.client === client.client_id ? thing : undefined)

    /** Facts of a record that no contract knows of. */
    type Marked = { readonly isSpent?: boolean; readonly isOver?: boolean; readonly grantedTo?: string }

    return {
      ...(fault?.endsWith("believed") ? { capabilities: { isJudge: true, isRefreshRetryable: false } } : {}),
      getClient: async (clientId) => clients.get(clientId),
      registerClient: async (client) => {
        if (clients.has(client.client_id)) throw new Refusal("invalid_client_metadata")
        clients.set(client.client_id, client)
      },
      authorize: async ({ client_id: clientId }, { redirectUri, codeChallenge, state, ...params }) => {
        const { redirect_uris, scope } = clients.get(clientId)!
        const known = redirect_uris.some((uri) => isSameUri(uri, redirectUri, false))
        if (!known) throw new Refusal("invalid_request")
        const isAnyChallenge = fault !== undefined && /challenge/.test(fault)
        if (!isAnyChallenge && !/^[\w-]{43}$/.test(codeChallenge)) throw new Refusal("invalid_request")
        const possible = scope?.split(" ")
        const scopes = params.scopes?.length ? params.scopes : (possible ?? ["read"])
        if (!isWithin(scopes, possible ?? scopes)) throw new Refusal("invalid_scope")
        const grant: Grant = { client: clientId, scopes, resource: params.resource ?? [], endedAt: Infinity }
        const code = randomToken("c_")
        const lifetime = has("a code ends in years") ? YEARS_SECONDS : CODE_SECONDS
        codes.set(code, {
          grant,
          challenge: codeChallenge,
          redirectUri,
          expiresAt: seconds() + lifetime,
          spentAt: Infinity,
        })
        if (has("the state is not encoded"))
          return `${redirectUri}?code=${code}${state === undefined ? "" : `&state=${state}`}`
        return answerTo(redirectUri, code, stateFor(state))
      },

      loadAuthorizationCode: async (client, code) => {
        const found = ofClient(codes.get(code), client, has("a code's record is given to anybody"))
        if (found === undefined) return undefined
        if (has("when a code has ended is judged where it is loaded") && seconds() >= found.expiresAt) return undefined
        const { grant, challenge, redirectUri, expiresAt, spentAt } = found
        const record: AuthorizationCode & Marked = {
          code,
          clientId: grant.client,
          scopes: grant.scopes,
          resource: grant.resource,
          expiresAt: has("a code never ends, and says so") ? (undefined as never) : told("code", expiresAt),
          codeChallenge: challenge,
          redirectUri,
          redirectUriProvidedExplicitly: true,
          isSpent: isSpent(spentAt),
        }
        return record
      },
      exchangeAuthorizationCode: async (client, record, { codeVerifier = "", redirectUri, resource } = {}) => {
        const code = codes.get(record.code)
        if (code === undefined) throw new Refusal("invalid_grant")
        const { grant } = code
        const isOwner = grant.client === client.client_id || has("a code is exchanged for any client")
        if (has("a code is used up before its client is looked at") && !isOwner) code.spentAt = seconds()
        const isWasted = isSpent(code.spentAt)
        if (isWasted && has("a replay is taken for one whoever comes with it")) end(grant)
        if (!isOwner || isOver(grant.endedAt)) throw new Refusal("invalid_grant")
        if (!isVerified(codeVerifier, code)) throw new Refusal("invalid_grant")
        if (redirectUri !== undefined && !isSameUri(code.redirectUri, redirectUri, true))
          throw new Refusal("invalid_grant")
        const isReplay = has("whether a code is spent is read in the record")
          ? (record as Marked).isSpent === true
          : isWasted
        if (isReplay) {
          end(grant)
          throw new Refusal("invalid_grant")
        }
        const late = has("a code ends a second late") ? 1 : 0
        const isEndless = has(
          "a code never ends",
          "a code never ends, and says so",
          "when a code has ended is judged where it is loaded",
        )
        const ends = has("the end in a code's record is believed") ? record.expiresAt : code.expiresAt + late
        if (!isEndless && seconds() >= ends) throw new Refusal("invalid_grant")
        const asked = resource?.length
          ? resource
          : has("the resource is lost where none is named")
            ? []
            : grant.resource
        if (!isWithin(asked, grant.resource)) throw new Refusal("invalid_target")
        code.spentAt = seconds()
        return issue({ grant, scopes: grant.scopes }, grant.scopes, asked, false)
      },

      loadRefreshToken: async (client, token) => {
        const found = ofClient(refreshTokens.get(token), client, has("a refresh token's record is given to anybody"))
        if (found === undefined) return undefined
        const { grant, scopes, expiresAt, spentAt } = found
        if (has("when a refresh token has ended is judged where it is loaded") && seconds() >= expiresAt)
          return undefined
        const record: RefreshToken & Marked = {
          token,
          clientId: grant.client,
          scopes: has("less scope once is less for ever") ? scopes : grant.scopes,
          resource: grant.resource,
          expiresAt: told("refresh token", expiresAt),
          isSpent: isSpent(spentAt),
          isOver: isOver(grant.endedAt),
        }
        return record
      },
      exchangeRefreshToken: async (client, record, scopes, { resource } = {}) => {
        const refresh = refreshTokens.get(record.token)
        if (refresh === undefined) throw new Refusal("invalid_grant")
        const { grant } = refresh
        const owner = has("the client in a refresh token's record is believed") ? record.clientId : grant.client
        const isOwner = owner === client.client_id || has("a refresh token is exchanged for any client")
        const isWasted = isSpent(refresh.spentAt)
        if (has("a refresh token is used up before its client is looked at") && !isOwner) refresh.spentAt = seconds()
        if (isWasted && has("a reuse is taken for one whoever comes with it")) end(grant)
        const marked: Marked = record as Marked
        const isEnded = has("whether a grant has ended is read in the record")
          ? marked.isOver === true
          : isOver(grant.endedAt)
        if (!isOwner || isEnded) throw new Refusal("invalid_grant")
        const isReuse = has("whether a refresh token is spent is read in the record")
          ? marked.isSpent === true
          : isWasted
        if (isReuse) {
          end(grant)
          throw new Refusal("invalid_grant")
        }
        const late = has("a refresh token ends a second late") ? 1 : 0
        const isEndless = has(
          "a refresh token never ends",
          "when a refresh token has ended is judged where it is loaded",
        )
        const believed = has("the end in a refresh token's record is believed")
          ? record.expiresAt!
          : refresh.expiresAt + late
        if (!isEndless && seconds() >= believed) throw new Refusal("invalid_grant")
        const isLasting = has("less scope once is less for ever", "less scope once is less for ever, without a word")
        const granted = isLasting ? refresh.scopes : grant.scopes
        const isTrusted = has("the scopes in a refresh token's record are believed")
        const asked = scopes.length > 0 ? scopes : granted
        const isSilent = has("less scope once is less for ever, without a word") && isWithin(grant.scopes, asked)
        const given = isSilent ? granted : asked
        if (!isWithin(given, isTrusted ? record.scopes : granted)) throw new Refusal("invalid_scope")
        if (!isWithin(resource ?? [], grant.resource)) throw new Refusal("invalid_target")
        const target = resource?.length ? resource : grant.resource
        const lost = has("the resource is lost at a refresh") ? [] : target
        const every = ["https://one.example/", "https://two.example/mcp"]
        const isLess = given.length < granted.length
        if (!(isLess && has("a refresh for less scope spends nothing"))) refresh.spentAt = seconds()
        if (has("an access token lives longer by a refresh")) {
          for (const access of accessTokens.values()) {
            if (access.grant === grant) access.expiresAt = seconds() + ACCESS_SECONDS
          }
        }
        const next = { grant, scopes: isLasting ? given : grant.scopes }
        return issue(next, given, has("every resource is given at a refresh") ? every : lost, true)
      },

      loadAccessToken: async (token) => {
        const access = accessTokens.get(token)
        if (access === undefined) return undefined
        if (has("loadAccessToken knows what was revoked") && seconds() < access.expiresAt)
          return accessRecord(token, access)
        if (has("loadAccessToken knows what has ended") && !isOver(access.grant.endedAt))
          return accessRecord(token, access, false)
        if (has("loadAccessToken knows nothing that came of a refresh") && access.isRefreshed) return undefined
        return liveAccess(token) && accessRecord(token, access)
      },
      verifyToken: async (token) => {
        const access = liveAccess(token)
        if (access === undefined) return undefined
        const record = accessRecord(token, access)
        if (!fault?.startsWith("an access token lives longer by being looked at")) return record
        access.expiresAt = seconds() + ACCESS_SECONDS
        return has("an access token lives longer by being looked at") ? record : accessRecord(token, access)
      },
      revokeToken: async ({ token, clientId }) => {
        const grant = (refreshTokens.get(token) ?? liveAccess(token))?.grant
        if (grant?.client === clientId) end(grant)
      },
    }
  }

/** Without fault. */
export const soundMemory = withFault()

export default soundMemory
