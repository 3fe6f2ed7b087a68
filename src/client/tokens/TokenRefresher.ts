/**
 * Keeps one set of tokens alive: hands them out while they are good, refreshes them in time, and gives them up only when
 * their issuer says that they are dead.
 *
 * One at a time per stored credential, across processes where the store can: whoever comes second finds what the first
 * one got. Knows no browser; where nothing can be refreshed it says so, and somebody else logs in.
 */
import { TokenError } from "../ClientError.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import { adviceFor, afterFailure, refreshTokenOf, retryWindowMillis, type RefreshFailures } from "./RefreshPolicy.ts"
import type { Outbound } from "../Outbound.ts"
import { member } from "../LenientReading.ts"
import { existing, type ClientDescription } from "../registration/Registration.ts"
import type { StoredClient, StoredTokens, TokenStorage } from "../storage/TokenStorage.ts"
import { refresh } from "./TokenRequest.ts"

export interface TokenRefresherOptions {
  readonly outbound: Outbound
  readonly storage: TokenStorage
  readonly description: ClientDescription
  /** The server behind the resource; tokens of this issuer are at hand. */
  readonly discover: (preferredIssuer: string) => Promise<Discovered>
}

export interface TokenRefresher {
  /**
   * Tokens to go on with; `undefined` when somebody has to log in. `rejected` is an access token that the resource
   * refused. Throws a {@link TokenError} when neither can be told now, and what the server said when it refuses a refresh
   * for another reason than that the login is over.
   */
  readonly fresh: (rejected?: string) => Promise<StoredTokens | undefined>
  /** Forgets the tokens that hold this refresh token, if they are still what is stored; keeps the registration. */
  readonly drop: (refreshToken: string) => Promise<StoredTokens | undefined>
}

const RETRY_PAUSE_MILLIS = 200
const MAX_SENT_COUNT = 3

export const makeTokenRefresher = ({
  outbound,
  storage,
  description,
  discover,
}: TokenRefresherOptions): TokenRefresher => {
  let last: { readonly failures: RefreshFailures; readonly fault: TokenError } | undefined

  const fresh = async (rejected?: string): Promise<StoredTokens | undefined> => {
    const seen = await storage.getTokens()
    const advice = adviceFor(seen, outbound.now(), last?.failures, rejected)
    if (seen === undefined || advice === "login") return undefined
    if (advice === "use") return seen
    if (advice === "wait") throw notNow(last!.fault)
    const discovered = await discover(seen.issuer).catch((cause: unknown) => {
      if (isAlive(seen, rejected)) return undefined
      throw cause
    })
    if (discovered === undefined) return seen
    return storage.exclusively(async () => {
      const stored = await storage.getTokens()
      switch (adviceFor(stored, outbound.now(), last?.failures, rejected)) {
        case "use":
          return stored
        case "login":
          return undefined
        case "wait":
          throw notNow(last!.fault)
        case "refresh":
          return renew(stored!, discovered, rejected)
      }
    })
  }

  /** Inside the lock. */
  const renew = async (tokens: StoredTokens, discovered: Discovered, rejected: string | undefined) => {
    const { server, resource } = discovered
    // A token of an issuer that the resource does not list (any more) goes nowhere (A32, A55).
    if (server.issuer !== tokens.issuer) return undefined
    const client = existing({ server, description, stored: await storage.getClientInfo() })
    if (client === undefined) return undefined
    try {
      const renewed = await sendUntilAnswered({ tokens, client, server, resource })
      last = undefined
      await storage.setTokens(renewed)
      return renewed
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      switch (error.code) {
        case "grant_ended":
          return drop(refreshTokenOf(tokens)!)
        case "client_refused":
        case "login_required":
          return isAlive(tokens, rejected) ? tokens : undefined
        case "request_refused":
        case "server_unavailable":
        case "response_malformed":
          if (isAlive(tokens, rejected)) return tokens
          throw error
      }
    }
  }

  /** A lost reply is asked for again at once where the server answers alike; else it is only remembered. */
  const sendUntilAnswered = async (request: Parameters<typeof refresh>[1]): Promise<StoredTokens> => {
    const { server, client, tokens } = request
    const windowMillis = retryWindowMillis(server.metadata, isPublic(client))
    const refreshToken = refreshTokenOf(tokens)!
    const repeatableUntil = windowMillis === 0 ? 0 : outbound.now() + windowMillis
    for (let sentCount = 1; ; sentCount++) {
      try {
        return await refresh(outbound, request)
      } catch (error) {
        if (!(error instanceof TokenError)) throw error
        const { code, isReplyLost = false, retryAfterSeconds } = error
        if (code === "grant_ended" || code === "client_refused" || code === "login_required") throw error
        const now = outbound.now()
        if (isReplyLost && sentCount < MAX_SENT_COUNT && now < repeatableUntil) {
          await new Promise((resolve) => setTimeout(resolve, RETRY_PAUSE_MILLIS * sentCount))
          continue
        }
        const failure = { refreshToken, now, retryAfterSeconds, isReplyLost, repeatableUntil }
        last = { failures: afterFailure(last?.failures, failure), fault: error }
        throw error
      }
    }
  }

  const drop = async (refreshToken: string): Promise<StoredTokens | undefined> => {
    const stored = await storage.getTokens()
    // Where the store cannot lock, somebody else may have been faster: theirs are good.
    if (stored?.tokens.refresh_token !== refreshToken) return stored
    const client = await storage.getClientInfo()
    await storage.clear()
    if (client !== undefined) await storage.setClientInfo(client)
    return undefined
  }

  const isAlive = ({ tokens, expiresAt }: StoredTokens, rejected: string | undefined): boolean =>
    tokens.access_token !== rejected && (expiresAt === undefined || outbound.now() < expiresAt)

  return { fresh, drop }
}

const isPublic = ({ client }: StoredClient): boolean => client.client_secret === undefined

/** The same again, while the server is left alone. */
const notNow = ({ code, message, error }: TokenError): TokenError =>
  new TokenError({ code, message: `${message} (not asked again yet)`, ...member("error", error) })
