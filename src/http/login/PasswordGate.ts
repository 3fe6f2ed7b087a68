/**
 * The one way to a look at a password for whoever asks: as often as its source may, when it is its turn.
 *
 * An attempt is counted when its turn has come, so that whoever is told to come back has spent nothing. A wrong name
 * and a wrong password are answered alike, at the same cost.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import { orUnavailable, type AccountStanding, type AuthorizationServer, type Failure } from "../../provider/index.ts"
import type { Limits } from "../Limits.ts"
import { strings } from "../pages/Strings.ts"
import { asStep } from "../Steps.ts"
import { makeTurns } from "./Turns.ts"

/** Why a password was not accepted, for the page that asked for it: 403 when it was wrong, 429 when it was not looked at. */
export interface PasswordFault {
  readonly status: 403 | 429
  readonly sentence: string
  readonly retryAfterSeconds?: number
}

export interface PasswordGate {
  /** The account's standing, if that is its password and it may sign in. */
  readonly verify: (
    source: string,
    name: string,
    password: string,
  ) => Effect.Effect<Result.Result<AccountStanding, PasswordFault>, Failure>
  /** Counts an attempt to sign in by other means than a password; seconds to wait where there were too many, else 0. */
  readonly counted: (source: string, name: string) => Effect.Effect<number>
  /** What `look` gives, which looks at the password of an account and gives nothing when it was wrong. */
  readonly attempt: <A>(
    source: string,
    name: string,
    look: Effect.Effect<A | undefined, Failure>,
  ) => Effect.Effect<Result.Result<A, PasswordFault>, Failure>
}

const wrong: PasswordFault = { status: 403, sentence: strings.login.wrong }
const busy: PasswordFault = { status: 429, sentence: strings.login.busy, retryAfterSeconds: 1 }
const tooMany = (retryAfterSeconds: number): PasswordFault => ({
  status: 429,
  sentence: strings.login.tooMany,
  retryAfterSeconds,
})

export const passwordGate = (
  server: Pick<AuthorizationServer, "accounts">,
  limits: Limits,
  onQueue?: (length: number) => void,
): PasswordGate => {
  const turns = makeTurns(onQueue)

  const attempt: PasswordGate["attempt"] = <A>(
    source: string,
    typed: string,
    look: Effect.Effect<A | undefined, Failure>,
  ) => {
    // One account has one allowance, in whatever characters its name is typed.
    const name = typed.normalize("NFC")
    const counted = Effect.gen(function* () {
      const waitSeconds = yield* limits.login(source, name)
      if (waitSeconds > 0) return Result.fail(tooMany(waitSeconds))
      const found = yield* look
      return found === undefined ? Result.fail(wrong) : Result.succeed(found)
    })
    return Effect.gen(function* () {
      // Whoever tried too often stands in nobody's line.
      const waitSeconds = yield* limits.loginWait(source, name)
      if (waitSeconds > 0) return Result.fail(tooMany(waitSeconds))
      const answered: Option.Option<Result.Result<A, PasswordFault>> = yield* asStep(
        "password",
        turns.take(source, counted),
      )
      return Option.getOrElse(answered, () => Result.fail(busy))
    })
  }
  return {
    attempt,
    counted: limits.login,
    verify: (source, name, password) =>
      Effect.suspend(() => attempt(source, name, orUnavailable(server.accounts.verifyPassword(name, password)))),
  }
}
