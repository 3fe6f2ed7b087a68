/**
 * What is asked about: an id among the arguments, or a token on standard input, which is never shown.
 *
 * A terminal is asked for it without echo. What looks like a token is taken from nowhere else.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import { hasSecret, pastedQuestion, questionOf, type Question } from "../../audit/index.ts"
import { secretInArguments, UsageFault } from "../Failure.ts"
import { signatureOf, type VerifyingKey } from "../../provider/index.ts"
import { readHidden } from "../Hidden.ts"

export const what = Argument.String("what").pipe(
  Argument.withDescription("a SHA-256, an id or an account's name; a token itself comes on standard input"),
  Argument.optional,
)

type Keys<E> = Effect.Effect<ReadonlyArray<VerifyingKey>, E>

/** What was pasted, a JWT's signature checked by the keys that are at hand. */
const verifiedQuestion = Effect.fnUntraced(function* <E>(pasted: string, keys: Keys<E>) {
  const question = pastedQuestion(pasted)
  if (question.jwt === undefined) return question
  const known = yield* keys
  const signature = yield* Effect.promise(() => signatureOf(pasted.trim().replace(/^bearer\s+/i, ""), known))
  return { ...question, jwt: { ...question.jwt, signature } }
})

/** What is asked about, once the keys can be asked for that the server signs with; only a JWT needs them. */
export const readQuestion = Effect.fnUntraced(function* (
  given: Option.Option<string>,
): Effect.fn.Return<<E>(keys: Keys<E>) => Effect.Effect<Question, E>, UsageFault> {
  if (Option.isSome(given) && given.value !== "-") {
    if (hasSecret(given.value)) return yield* secretInArguments
    return () => Effect.succeed(questionOf(given.value))
  }
  const pasted = yield* readHidden("paste the token (it is not shown), then press Enter: ")
  if (pasted.trim() !== "") return (keys) => verifiedQuestion(pasted, keys)
  const message = "nothing is asked about: give an id, a SHA-256 or an account's name, or a token on standard input"
  return yield* new UsageFault({ message })
})
