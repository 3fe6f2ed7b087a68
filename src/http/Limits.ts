/**
 * How often: registrations per source by minute and hour, failed client authentications per client and source, documents
 * of clients that are none per source, attempts to sign in per account and source, per source, and per wider network; and
 * for devices, requests per source and user codes that are tried.
 *
 * Always per source, so that an outsider locks nobody else out. Keys are folded into a bounded number of buckets, so
 * that memory does not follow the names that attackers make up; by a secret hash, so that nobody can choose a name that
 * shares somebody else's bucket.
 */
import { createHmac, createSecretKey } from "node:crypto"
import * as Effect from "effect/Effect"
import * as RateLimiter from "effect/persistence/RateLimiter"
import { ConfigFault, liveRandomness, type Randomness } from "../provider/index.ts"
import { networkGroup, sourceGroup } from "./Source.ts"

/** How often something may be tried. Each must be at least 1. Each process counts for itself, and forgets when it ends. */
export interface LimitOptions {
  /** Registrations from one source in a minute; default 60. */
  readonly registrationsPerMinute: number
  /** From one source, so that none uses up what all sources may register together. */
  readonly registrationsPerHour: number
  /** Failed authentications of one client from one source in a minute; default 30. */
  readonly failedAuthenticationsPerMinute: number
  /** Requests from one source of clients that are to be described by a document, and are not. */
  readonly failedDocumentsPerMinute: number
  /** Attempts to sign in to one account from one source. */
  readonly loginsPerMinute: number
  /** Attempts to sign in from one source, whatever the accounts. */
  readonly sourceLoginsPerMinute: number
  /** The same from one wider network, where subscribers have networks (IPv6). */
  readonly networkLoginsPerMinute: number
  /** Requests of devices from one source. */
  readonly deviceRequestsPerMinute: number
  /** User codes that one account tries, and as many three times over from one source. */
  readonly userCodesPerMinute: number
  /** User codes that everybody tries together. */
  readonly allUserCodesPerMinute: number
}

/** The limits by default. */
export const defaultLimits: LimitOptions = {
  registrationsPerMinute: 60,
  registrationsPerHour: 300,
  failedAuthenticationsPerMinute: 30,
  failedDocumentsPerMinute: 30,
  loginsPerMinute: 10,
  sourceLoginsPerMinute: 30,
  networkLoginsPerMinute: 120,
  deviceRequestsPerMinute: 60,
  userCodesPerMinute: 10,
  allUserCodesPerMinute: 600,
}

export interface Limits {
  /**
   * Seconds to wait before another registration; 0 when this one may go on, which is then counted. What pages in
   * browsers ask for is counted by itself: a page that somebody visits takes nothing from their other programs.
   */
  readonly registration: (source: string, isFromPage: boolean) => Effect.Effect<number>
  /** Counts a failed attempt at this client from this source; seconds to wait once there were many, else 0. */
  readonly failedAuthentication: (source: string, clientId: string) => Effect.Effect<number>
  /** Counts a request of a client whose document could not be used, from this source. */
  readonly failedDocument: (source: string) => Effect.Effect<number>
  /** Seconds to wait before a document is asked for again on behalf of this source. Counts nothing. */
  readonly documentWait: (source: string) => Effect.Effect<number>
  /** Counts an attempt to sign in to this account from this source; seconds to wait when there were too many. */
  readonly login: (source: string, account: string) => Effect.Effect<number>
  /** Seconds to wait before {@link login} counts another one. Counts nothing. */
  readonly loginWait: (source: string, account: string) => Effect.Effect<number>
  /** Counts a request of a device from this source; seconds to wait when there were too many, else 0. */
  readonly deviceRequest: (source: string) => Effect.Effect<number>
  /** Counts a user code that this account tries from this source; seconds to wait when there were too many, else 0. */
  readonly userCode: (source: string, subjectId: string) => Effect.Effect<number>
}

const MINUTE_SECONDS = 60
const HOUR_SECONDS = 3600

/** What is counted under a key, and how many of it there may be in a window; default a minute. */
interface Budget {
  readonly key: string
  readonly limit: number
  readonly windowSeconds?: number
}

//= OAUTH21-2.4.1-bruteforce
export const makeLimits = (options: LimitOptions, randomness: Randomness = liveRandomness): Limits => {
  const { registrationsPerMinute, failedAuthenticationsPerMinute, loginsPerMinute } = options
  if (!(Math.min(...Object.values(options)) >= 1)) {
    throw new ConfigFault({ message: "a limit is below 1: raise it, or turn registration off" })
  }
  const key = createSecretKey(randomness.bytes(32))
  /** One of 65 536. */
  const bucket = (...parts: ReadonlyArray<string>): string =>
    createHmac("sha256", key).update(JSON.stringify(parts)).digest("hex").slice(0, 4)
  const limiter = Effect.runSync(Effect.provide(RateLimiter.make, RateLimiter.layerStoreMemory))
  /** Tokens left in the bucket after taking some; a token comes back every window/limit. */
  const take = ({ key, limit, windowSeconds = MINUTE_SECONDS }: Budget, tokens: number) =>
    Effect.map(
      Effect.orDie(
        limiter.consume({
          algorithm: "token-bucket",
          onExceeded: "delay",
          window: windowSeconds * 1000,
          limit,
          key,
          tokens,
        }),
      ),
      ({ remaining }) => remaining,
    )
  /** Seconds to wait until there is one again; 0 when there is. */
  const wait = (budget: Budget) =>
    Effect.map(take(budget, 0), (left) =>
      left < 1 ? Math.ceil((budget.windowSeconds ?? MINUTE_SECONDS) / budget.limit) : 0,
    )
  const longestWait = (budgets: ReadonlyArray<Budget>) =>
    Effect.map(Effect.forEach(budgets, wait), (waits) => Math.max(...waits))
  /** Seconds to wait, when none is left in one of them; else 0, and one is taken from each. */
  const counted = (...budgets: ReadonlyArray<Budget>) =>
    Effect.flatMap(longestWait(budgets), (seconds) =>
      seconds > 0
        ? Effect.succeed(seconds)
        : Effect.as(
            Effect.forEach(budgets, (budget) => take(budget, 1)),
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
  const documentBudget = (source: string): Budget => ({
    key: `document:${bucket(sourceGroup(source))}`,
    limit: options.failedDocumentsPerMinute,
  })
  return {
    registration: (source, isFromPage) => {
      const whose = bucket(sourceGroup(source), isFromPage ? "page" : "program")
      return counted(
        { key: `registration:${whose}`, limit: registrationsPerMinute },
        { key: `registration hour:${whose}`, limit: options.registrationsPerHour, windowSeconds: HOUR_SECONDS },
      )
    },
    failedAuthentication: (source, clientId) =>
      counted({
        key: `authentication:${bucket(sourceGroup(source), clientId)}`,
        limit: failedAuthenticationsPerMinute,
      }),
    failedDocument: (source) => counted(documentBudget(source)),
    documentWait: (source) => wait(documentBudget(source)),
    login: (source, account) => counted(...loginBudgets(source, account)),
    deviceRequest: (source) =>
      counted({ key: `device:${bucket(sourceGroup(source))}`, limit: options.deviceRequestsPerMinute }),
    //= RFC8628-5.1-user-code
    userCode: (source, subjectId) =>
      counted(
        { key: `user code:${bucket(subjectId)}`, limit: options.userCodesPerMinute },
        { key: `user code source:${bucket(sourceGroup(source))}`, limit: options.userCodesPerMinute * 3 },
        { key: "user code of all", limit: options.allUserCodesPerMinute },
      ),
    loginWait: (source, account) => longestWait(loginBudgets(source, account)),
  }
}
