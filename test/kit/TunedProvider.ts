/**
 * A provider in memory that has no fault as it is, and every policy that a sound one may have, each by its own name.
 *
 * The same names make its broken neighbours: what is tuned beyond what is sound. It knows nothing of the kit.
 */
import { createHash, randomUUID } from "node:crypto"
import type {
  AccessToken,
  AuthorizationCode,
  OAuthClientInformationFull,
  OAuthProvider,
  OAuthToken,
  RefreshToken,
} from "../../src/entry/grantlog.ts"

type Client = OAuthClientInformationFull

export interface Grant {
  readonly clientId: string
  readonly subject: string
  readonly scopes: ReadonlyArray<string>
  readonly resource: ReadonlyArray<string>
  isEnded: boolean
}

interface Code {
  readonly grant: Grant
  readonly challenge: string
  readonly redirectUri: string
  readonly expiresAt: number
  isSpent: boolean
}

interface Refresh {
  readonly grant: Grant
  readonly expiresAt: number
  isSpent: boolean
}

interface Access {
  readonly grant: Grant
  readonly scopes: ReadonlyArray<string>
  readonly resource: ReadonlyArray<string>
  readonly expiresAt: number
}

export interface Tuning {
  /** What `load…` gives: everything of its client, what is alive, or that, with a replay ending the grant right there. */
  readonly loads?: "everything" | "the living" | "the living, ending what is replayed"
  /** Whether what is not loaded is thrown instead of being nothing. */
  readonly throwsAtLoad?: boolean
  /** Whether a replay that is loaded ends the grant, whoever's client asks. */
  readonly endsForAnybody?: boolean
  /** Whether a refresh ends the other grants of its client and subject. */
  readonly keepsOneSession?: boolean
  /** Whether a replay or reuse ends the grant where `exchange…` sees it. */
  readonly endsReplayed?: boolean
  readonly judgesVerifier?: boolean | "that there is one" | "when there is one" | "for public clients"
  readonly judgesRedirectUri?: boolean
  readonly judgesExpiry?: boolean
  /** What its records say that a handler could judge by. */
  readonly tells?: { readonly challenge?: boolean; readonly redirectUri?: boolean; readonly expiresAt?: boolean }
  /** What it does with the proof before anything else. */
  readonly looksAt?: (proof: unknown) => void
  /** What is judged before it is asked whether a code or token was spent. */
  readonly judgesFirst?: "spending" | "target" | "expiry"
  /** What else ends where a grant is ended. */
  readonly endsToo?: (other: Grant, ended: Grant) => boolean
  readonly rotates?: (client: Client) => boolean
  readonly givesRefresh?: boolean
  /** How resources are written: in requests, in the proof and in records. */
  readonly resources?: "several" | "one" | "its own" | "none"
  /** The resource that it verifies for: a token for another, or for none, is not alive there. */
  readonly audience?: string
  /** Whether a request that names no resource is for its own. */
  readonly defaultsToOwn?: boolean
  /** Which scopes it knows; others are refused, or left out for its own. */
  readonly scopes?: { readonly known: ReadonlyArray<string>; readonly others: "refused" | "ignored" }
  readonly codeSeconds?: number
  readonly accessSeconds?: number
  readonly refreshSeconds?: number
  /** Whether access tokens live until they expire, whatever happens to their grant. */
  readonly isStateless?: boolean
  readonly takesRedirectUri?: (uri: string) => boolean
  readonly takesClient?: (client: Client) => boolean
  readonly takesRegisteredScopes?: boolean
  readonly mintsIds?: "told" | "written into what it was given"
  readonly isOverwriting?: boolean
  /** Whether a refresh gives everything that is known. */
  readonly widens?: boolean
  /** Whether a token may be asked for a resource that was not granted. */
  readonly isTargetFree?: boolean
  /** Whether a revocation does anything. */
  readonly isRevoking?: boolean
  readonly capabilities?: OAuthProvider["capabilities"]
  readonly limits?: ReadonlyArray<string>
  /** How long each call takes: it waits before it does anything. */
  readonly latencyMillis?: number
  /** Whether an exchange waits for as long again between its judgement and what it writes. */
  readonly hasGap?: boolean
}

const OWN_RESOURCE = "https://own.example/mcp"

const refusal = (error: string) => Object.assign(new Error(error), { error })
const refuse = (error: string): never => {
  throw refusal(error)
}
const isWithin = (part: ReadonlyArray<string>, whole: ReadonlyArray<string>) => part.every((one) => whole.includes(one))

/** A list as this provider takes it: one that takes a string has no use for anything else. */
const listOf = (value: unknown, isOne: boolean): ReadonlyArray<string> => {
  if (value === undefined) return []
  return isOne ? [new URL((value as string).toLowerCase()).href] : (value as ReadonlyArray<string>)
}

const wait = (millis: number) => new Promise((resolve) => setTimeout(resolve, millis))

/** The same, each call so much later. */
const delayed = <Provider extends object>(millis: number, provider: Provider): Provider =>
  millis === 0
    ? provider
    : (Object.fromEntries(
        Object.entries(provider).map(([name, member]: [string, unknown]) => {
          if (typeof member !== "function") return [name, member]
          return [name, (...input: ReadonlyArray<unknown>) => wait(millis).then(() => member(...input) as unknown)]
        }),
      ) as Provider)

export const tunedProvider =
  (tuning: Tuning = {}) =>
  ({ now }: { readonly now: () => number }): OAuthProvider & { readonly limits?: ReadonlyArray<string> } => {
    const { loads = "everything", endsReplayed = true, judgesFirst = "spending", resources = "several" } = tuning
    const { judgesVerifier = true, judgesRedirectUri = true, judgesExpiry = true } = tuning
    const { codeSeconds = 60, accessSeconds = 900, refreshSeconds = 86_400, givesRefresh = true } = tuning
    const { latencyMillis = 0 } = tuning
    const tells = { challenge: true, redirectUri: true, expiresAt: true, ...tuning.tells }
    const { known, others } = tuning.scopes ?? { known: ["read", "write", "admin"], others: "refused" }
    const isOne = resources === "one"
    const clients = new Map<string, Client>()
    const grants: Array<Grant> = []
    const codes = new Map<string, Code>()
    const refreshTokens = new Map<string, Refresh>()
    const accessTokens = new Map<string, Access>()
    /** As who keeps whole milliseconds: anything else is an accident. */
    const seconds = () => Number(BigInt(now())) / 1000

    const end = (grant: Grant) => {
      for (const one of grants) if (one === grant || tuning.endsToo?.(one, grant) === true) one.isEnded = true
    }
    const isAlive = ({ grant, expiresAt, isSpent }: Code | Refresh) =>
      !grant.isEnded && !isSpent && seconds() < expiresAt
    /** What `load…` gives of what there is, to whom it belongs. */
    const loaded = <A extends Code | Refresh>(thing: A | undefined, client: Client): A | undefined => {
      if (thing?.isSpent === true && tuning.endsForAnybody === true) end(thing.grant)
      if (thing === undefined || thing.grant.clientId !== client.client_id) return undefined
      if (loads === "everything") return thing
      if (isAlive(thing)) return thing
      if (loads === "the living, ending what is replayed" && thing.isSpent) end(thing.grant)
      return undefined
    }
    const notLoaded = () => (tuning.throwsAtLoad === true ? refuse("invalid_grant") : undefined)
    const resourceOf = (list: ReadonlyArray<string>) => (isOne ? (list[0] as never) : list)
    /** What a token is for: the resource that was asked for, where that makes a difference. */
    const boundTo = (grant: Grant, target: ReadonlyArray<string>) =>
      target.length > 0 && (resources === "several" || isOne) ? target : grant.resource
    const expiry = (expiresAt: number) => (tells.expiresAt ? { expiresAt } : {})

    const issue = (client: Client, grant: Grant, scopes: ReadonlyArray<string>, resource: ReadonlyArray<string>) => {
      const access_token = randomUUID()
      accessTokens.set(access_token, { grant, scopes, resource, expiresAt: seconds() + accessSeconds })
      const token: OAuthToken = {
        access_token,
        token_type: "Bearer",
        expires_in: accessSeconds,
        scope: scopes.join(" "),
      }
      if (!givesRefresh) return token
      const refresh_token = randomUUID()
      refreshTokens.set(refresh_token, { grant, expiresAt: seconds() + refreshSeconds, isSpent: false })
      return { ...token, refresh_token }
    }

    /** In the order that is tuned: whether it was spent, whether it has expired, whether the target was granted. */
    const judge = (thing: Code | Refresh | undefined, client: Client, target: ReadonlyArray<string>) => {
      if (thing === undefined || thing.grant.clientId !== client.client_id || thing.grant.isEnded) {
        throw refusal("invalid_grant")
      }
      const isBound = (resources === "several" || isOne) && tuning.isTargetFree !== true
      const isTarget = !isBound || isWithin(target, thing.grant.resource)
      const hasExpired = judgesExpiry && seconds() >= thing.expiresAt
      if (judgesFirst === "target" && !isTarget) refuse("invalid_target")
      if (judgesFirst === "expiry" && hasExpired) refuse("invalid_grant")
      if (thing.isSpent) {
        if (endsReplayed) end(thing.grant)
        refuse("invalid_grant")
      }
      if (hasExpired) refuse("invalid_grant")
      if (!isTarget) refuse("invalid_target")
      return thing
    }

    const isVerified = (verifier: string | undefined, challenge: string, client: Client): boolean => {
      if (judgesVerifier === false) return true
      if (judgesVerifier === "that there is one") return verifier !== undefined
      if (judgesVerifier === "when there is one" && verifier === undefined) return true
      if (judgesVerifier === "for public clients" && client.token_endpoint_auth_method !== "none") return true
      return (
        createHash("sha256")
          .update(verifier ?? "")
          .digest("base64url") === challenge
      )
    }

    const accessRecord = async (token: string): Promise<AccessToken | undefined> => {
      const access = accessTokens.get(token)
      if (access === undefined || seconds() >= access.expiresAt) return undefined
      if (access.grant.isEnded && tuning.isStateless !== true) return undefined
      if (tuning.audience !== undefined && !access.resource.includes(tuning.audience)) return undefined
      const { clientId, subject } = access.grant
      const { scopes, resource, expiresAt } = access
      return { token, clientId, subject, scopes, resource: resourceOf(resource), expiresAt }
    }

    return delayed(latencyMillis, {
      ...(tuning.capabilities === undefined ? {} : { capabilities: tuning.capabilities }),
      ...(tuning.limits === undefined ? {} : { limits: tuning.limits }),
      getClient: async (clientId) => clients.get(clientId),
      registerClient: async (client) => {
        if (tuning.takesRegisteredScopes === false && client.scope !== undefined) refuse("invalid_client_metadata")
        if (tuning.takesClient?.(client) === false) refuse("invalid_client_metadata")
        if (client.redirect_uris.some((uri) => tuning.takesRedirectUri?.(uri) === false)) refuse("invalid_redirect_uri")
        const client_id = tuning.mintsIds === undefined ? client.client_id : randomUUID()
        if (clients.has(client_id) && tuning.isOverwriting !== true) refuse("invalid_client_metadata")
        const kept = { ...client, client_id }
        clients.set(client_id, kept)
        if (tuning.mintsIds === "written into what it was given") Object.assign(client, { client_id })
        return kept as never
      },
      authorize: async (client, { state, scopes: named = [], redirectUri, codeChallenge, resource }) => {
        const kept = clients.get(client.client_id)
        if (!kept?.redirect_uris.includes(redirectUri)) refuse("invalid_request")
        const possible = named.filter((scope) => known.includes(scope))
        if (others === "refused" && possible.length < named.length) refuse("invalid_scope")
        const asked = listOf(resource, isOne)
        const bound =
          resources === "its own"
            ? [OWN_RESOURCE]
            : resources === "none"
              ? []
              : asked.length > 0 || tuning.defaultsToOwn !== true
                ? asked
                : [OWN_RESOURCE]
        const scopes = possible.length > 0 ? possible : known.slice(0, 1)
        const grant = { clientId: client.client_id, subject: "alice", scopes, resource: bound, isEnded: false }
        grants.push(grant)
        const code = randomUUID()
        const expiresAt = seconds() + codeSeconds
        codes.set(code, { grant, challenge: codeChallenge, redirectUri, expiresAt, isSpent: false })
        const answer = new URL(redirectUri)
        answer.searchParams.set("code", code)
        if (state !== undefined) answer.searchParams.set("state", state)
        return answer.href
      },
      loadAuthorizationCode: async (client, code) => {
        const found = loaded(codes.get(code), client)
        if (found === undefined) return notLoaded()
        const { grant, challenge, redirectUri, expiresAt } = found
        return {
          code,
          clientId: grant.clientId,
          scopes: grant.scopes,
          resource: resourceOf(grant.resource),
          redirectUriProvidedExplicitly: true,
          ...expiry(expiresAt),
          ...(tells.challenge ? { codeChallenge: challenge } : {}),
          ...(tells.redirectUri ? { redirectUri } : {}),
        } as AuthorizationCode
      },
      exchangeAuthorizationCode: async (client, { code }, proof = {}) => {
        tuning.looksAt?.(proof)
        const found = codes.get(code)
        const target = listOf(proof.resource, isOne)
        if (found !== undefined && found.grant.clientId === client.client_id) {
          if (!isVerified(proof.codeVerifier, found.challenge, client)) refuse("invalid_grant")
          const isElsewhere = proof.redirectUri !== undefined && proof.redirectUri !== found.redirectUri
          if (judgesRedirectUri && isElsewhere) refuse("invalid_grant")
        }
        const { grant } = judge(found, client, target)
        if (tuning.hasGap === true) await wait(latencyMillis)
        found!.isSpent = true
        return issue(client, grant, grant.scopes, boundTo(grant, target))
      },
      loadRefreshToken: async (client, token) => {
        const found = loaded(refreshTokens.get(token), client)
        if (found === undefined) return notLoaded()
        const { clientId, scopes, resource } = found.grant
        return { token, clientId, scopes, resource: resourceOf(resource), ...expiry(found.expiresAt) } as RefreshToken
      },
      exchangeRefreshToken: async (client, { token }, scopes, proof = {}) => {
        tuning.looksAt?.(proof)
        const target = listOf(proof.resource, isOne)
        const found = judge(refreshTokens.get(token), client, target) as Refresh
        const { grant } = found
        if (!isWithin(scopes, grant.scopes)) refuse("invalid_scope")
        const given = issue(client, grant, tuning.widens === true ? known : scopes, boundTo(grant, target))
        for (const other of tuning.keepsOneSession === true ? grants : []) {
          if (other.clientId === grant.clientId && other !== grant) other.isEnded = true
        }
        if (tuning.rotates?.(client) === false) return { ...given, refresh_token: token }
        found.isSpent = true
        return given
      },
      loadAccessToken: accessRecord,
      verifyToken: accessRecord,
      revokeToken: async ({ token, clientId }) => {
        const grant = (accessTokens.get(token) ?? refreshTokens.get(token))?.grant
        if (grant?.clientId === clientId && tuning.isRevoking !== false) end(grant)
      },
    })
  }
