/**
 * A year of people who log in and come back, as a server sees it: each has a plan, by a seed, and follows it by days.
 *
 * What happens is done by the server's own operations over the store that it is given. Its time is that of a clock that
 * is moved, so that nothing waits. A thief presents a refresh token that was spent days ago.
 */
import { Effect } from "effect"
import type { CodeChallenge, EpochMillis, RedirectUri, Resources, Scopes, SubjectId } from "../../src/core/index.ts"
import type { AuthorizationServer } from "../../src/provider/index.ts"
import { seeded, type Random } from "../live/support/Random.ts"
import type { ManualClock } from "../support/ManualClock.ts"
import { VERIFIER } from "../support/TenMethods.ts"
import { challengeOf } from "../support/WireClient.ts"

export const DAYS = 365
const DAY_SECONDS = 86_400
/** Two commits of the store. */
const AT_ONCE = 200
const GRANTS_PER_CLIENT = 2000
const GRANTS_PER_SUBJECT = 4
const REDIRECT_URI = "http://127.0.0.1:8123/callback" as RedirectUri
const RESOURCES = ["https://api.example/mcp"] as unknown as Resources

/** How somebody leaves: says so, stays away, or is robbed. */
type Ending = "signs out" | "stays away" | "is robbed"

interface Session {
  readonly clientId: string
  readonly ending: Ending
  current: string
  /** Spent at the last refresh but one, or at the last. */
  spent: string | undefined
  refreshesLeft: number
}

export interface Counts {
  loginCount: number
  refreshCount: number
  signOutCount: number
  theftCount: number
}

export interface Traffic {
  readonly counts: Counts
  /** What the first of all got: the first day's access token. */
  readonly firstToken: () => string
  /** Does what happens on that day, from 0 on; takes a day by the clock. */
  readonly day: (day: number) => Promise<void>
}

interface Setting {
  readonly server: AuthorizationServer
  readonly clock: ManualClock
  readonly grantCount: number
  readonly seed: number
}

/** Three in a hundred come back all year; of the others most do so once or twice. */
const planOf = (random: Random): Pick<Session, "ending" | "refreshesLeft"> => {
  if (random.chance(3)) return { ending: random.chance(5) ? "is robbed" : "stays away", refreshesLeft: 40 }
  const chance = random.below(100)
  const ending = chance < 2 ? "is robbed" : chance < 25 ? "signs out" : "stays away"
  return { ending, refreshesLeft: ending === "is robbed" ? 2 : random.below(4) }
}

const FIRST: Pick<Session, "ending" | "refreshesLeft"> = { ending: "is robbed", refreshesLeft: 3 }

export const trafficOn = ({ server, clock, grantCount, seed }: Setting): Traffic => {
  const random = seeded(seed)
  const counts: Counts = { loginCount: 0, refreshCount: 0, signOutCount: 0, theftCount: 0 }
  const due: Array<Array<Session>> = Array.from({ length: DAYS }, () => [])
  let firstToken: string | undefined

  const comeBack = (session: Session, day: number, days: number): void => {
    due[day + days]?.push(session)
  }

  const addClient = (clientId: string) =>
    server.addClient({
      clientId,
      metadata: {
        client_name: clientId,
        redirect_uris: [REDIRECT_URI],
        token_endpoint_auth_method: "none",
        grant_types: ["authorization_code", "refresh_token"],
        response_types: ["code"],
      },
    })

  const logIn = Effect.fnUntraced(function* (number: number, day: number) {
    const clientId = `app-${Math.floor(number / GRANTS_PER_CLIENT)}`
    const subjectId = `sub_${Math.floor(number / GRANTS_PER_SUBJECT)}` as SubjectId
    const { code } = yield* server.openGrant({
      clientId,
      approval: { _tag: "User", subjectId, approvedAt: clock.now() as EpochMillis },
      request: {
        redirectUri: REDIRECT_URI,
        redirectUriProvidedExplicitly: true,
        codeChallenge: challengeOf(VERIFIER) as CodeChallenge,
        jkt: null,
      },
      scopes: null as Scopes | null,
      resources: RESOURCES,
    })
    const tokens = yield* server.redeemCode({ credentials: { clientId }, code, codeVerifier: VERIFIER })
    if (number === 0) firstToken = tokens.access_token
    counts.loginCount++
    const plan = number === 0 ? FIRST : planOf(random)
    comeBack({ clientId, current: tokens.refresh_token!, spent: undefined, ...plan }, day, 1 + random.below(14))
  })

  const refresh = Effect.fnUntraced(function* (session: Session, day: number) {
    const { clientId, current } = session
    const tokens = yield* server.refresh({ credentials: { clientId }, refreshToken: current })
    session.spent ??= current
    session.current = tokens.refresh_token!
    session.refreshesLeft--
    counts.refreshCount++
    comeBack(session, day, 1 + random.below(14))
  })

  const leave = Effect.fnUntraced(function* ({ clientId, ending, current, spent }: Session) {
    if (ending === "stays away") return
    const credentials = { clientId }
    if (ending === "signs out") {
      yield* server.revokeToken({ credentials, token: current })
      counts.signOutCount++
      return
    }
    const refusal = yield* Effect.flip(server.refresh({ credentials, refreshToken: spent! }))
    if (refusal._tag !== "OAuthError" || refusal.error !== "invalid_grant") return yield* Effect.die(refusal)
    counts.theftCount++
  })

  const comesBack = (session: Session, day: number) =>
    session.refreshesLeft > 0 ? refresh(session, day) : leave(session)

  return {
    counts,
    firstToken: () => firstToken!,
    day: async (day) => {
      const [from, to] = [day, day + 1].map((end) => Math.floor((grantCount * end) / DAYS)) as [number, number]
      const numbers = Array.from({ length: to - from }, (_, index) => from + index)
      for (const number of numbers.filter((one) => one % GRANTS_PER_CLIENT === 0)) {
        await Effect.runPromise(addClient(`app-${number / GRANTS_PER_CLIENT}`))
      }
      const all: ReadonlyArray<Effect.Effect<void, unknown>> = [
        ...numbers.map((number) => logIn(number, day)),
        ...due[day]!.map((session) => comesBack(session, day)),
      ]
      due[day] = []
      const turnCount = Math.ceil(all.length / AT_ONCE)
      for (let turn = 0; turn < turnCount; turn++) {
        const some = all.slice(turn * AT_ONCE, (turn + 1) * AT_ONCE)
        await Effect.runPromise(Effect.all(some, { concurrency: "unbounded", discard: true }))
        clock.pass(Math.floor(DAY_SECONDS / (turnCount + 1)))
      }
      clock.pass(DAY_SECONDS - turnCount * Math.floor(DAY_SECONDS / (turnCount + 1)))
    },
  }
}
