/**
 * How often: registrations per source, failed client authentications per client and source, and attempts to sign in per
 * account and source, per source, and per wider network.
 *
 * Always per source, so that an outsider locks nobody else out. Keys are folded into a bounded number of buckets, so
 * that memory does not follow the names that attackers make up; by a secret hash, so that nobody can choose a name that
 * shares somebody else's bucket.
 */
import { createHmac, createSecretKey } from "node:crypto"
import { Effect } from "effect"
import { RateLimiter } from "effect/persistence"
import { ConfigFault, liveSecrets, type Secrets } from "../provider/index.ts"
import { networkGroup, sourceGroup } from "./Source.ts"

export interface LimitOptions {
  readonly registrationsPerMinute: number
  readonly failedAuthenticationsPerMinute: number
  /** Attempts to sign in to one account from one source. */
  readonly loginsPerMinute: number
  /** Attempts to sign in from one source, whatever the accounts. */
  readonly sourceLoginsPerMinute: number
  /** The same from one wider network, where subscribers have networks (IPv6). */
  readonly networkLoginsPerMinute: number
}

export const defaultLimits: LimitOptions = {
  registrationsPerMinute: 60,
  failedAuthenticationsPerMinute: 30,
  loginsPerMinute: 10,
  sourceLoginsPerMinute: 30,
  networkLoginsPerMinute: 120,
}

export interface Limits {
  /**
   * Seconds to wait before another registration; 0 when this one may go on, which is then counted. What pages in
   * browsers ask for is counted by itself: a page that somebody visits takes nothing from their other programs.
   */
  readonly registration: (source: string, isFromPage: boolean) => Effect.Effect<number>
  /** Counts a failed attempt at this client from this source; seconds to wait once there were many, else 0. */
  readonly failedAuthentication: (source: string, clientId: string) => Effect.Effect<number>
  /** Counts an attempt to sign in to this account from this source; seconds to wait when there were too many. */
  readonly login: (source: string, account: string) => Effect.Effect<number>
  /** Seconds to wait before {@link login} counts another one. Counts nothing. */
  readonly loginWait: (source: string, account: string) => Effect.Effect<number>
}

const WINDOW_SECONDS = 60

/** What is counted under a key, and how many of it there may be in a window. */
interface Budget {
  readonly key: string
  readonly limit: number
}

//= OAUTH21-2.4.1-bruteforce
export const makeLimits = (options: LimitOptions, secrets: Secrets = liveSecrets): Limits => {
  const { registrationsPerMinute, failedAuthenticationsPerMinute, loginsPerMinute } = options
  if (!(Math.min(...Object.values(options)) >= 1)) {
    throw new ConfigFault({ message: "a limit is below 1 a minute: raise it, or turn registration off" })
  }
  const key = createSecretKey(secrets.bytes(32))
  /** One of 65 536. */
  const bucket = (...parts: ReadonlyArray<string>): string =>
    createHmac("sha256", key).update(JSON.stringify(parts)).digest("hex").slice(0, 4)
  const limiter = Effect.runSync(Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory))
  /** Tokens left in the bucket after taking some; a token comes back every window/limit. */
  const take = (key: string, limit: number, tokens: number) =>
    Effect.map(
      Effect.orDie(
        limiter.consume({
          algorithm: "token-bucket",
          onExceeded: "delay",
          window: WINDOW_SECONDS * 1000,
          limit,
          key,
          tokens,
        }),
      ),
      ({ remaining }) => remaining,
    )
  /** Seconds to wait until there is one again; 0 when there is. */
  const wait = ({ key, limit }: Budget) =>
    Effect.map(take(key, limit, 0), (left) => (left < 1 ? Math.ceil(WINDOW_SECONDS / limit) : 0))
  const longestWait = (budgets: ReadonlyArray<Budget>) =>
    Effect.map(Effect.forEach(budgets, wait), (waits) => Math.max(...waits))
  /** Seconds to wait, when none is left in one of them; else 0, and one is taken from each. */
  const counted = (...budgets: ReadonlyArray<Budget>) =>
    Effect.flatMap(longestWait(budgets), (seconds) =>
      seconds > 0
        ? Effect.succeed(seconds)
        : Effect.as(
            Effect.forEach(budgets, ({ key, limit }) => take(key, limit, 1)),
            0,
          ),
    )
  const loginBudgets = (source: string, account: string): ReadonlyArray<Budget> => {
    const [group, network] = [sourceGroup(source), networkGroup(source)]
    return [
      { key: `login:${bucket(group, account)}`, limit: loginsPerMinute },
      { key: `login source:${bucket(group)}`, limit: options.sourceLoginsPerMinute },
      ...(network === undefined
        ? []
        : [{ key: `login network:${bucket(network)}`, limit: options.networkLoginsPerMinute }]),
    ]
  }
  return {
    registration: (source, isFromPage) =>
      counted({
        key: `registration:${bucket(sourceGroup(source), isFromPage ? "page" : "program")}`,
        limit: registrationsPerMinute,
      }),
    failedAuthentication: (source, clientId) =>
      counted({
        key: `authentication:${bucket(sourceGroup(source), clientId)}`,
        limit: failedAuthenticationsPerMinute,
      }),
    login: (source, account) => counted(...loginBudgets(source, account)),
    loginWait: (source, account) => longestWait(loginBudgets(source, account)),
  }
}
