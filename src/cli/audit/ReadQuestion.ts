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
import { readHidden } from "../Hidden.ts"

export const what = Argument.String("what").pipe(
  Argument.withDescription("a SHA-256, an id or an account's name; a token itself comes on standard input"),
  Argument.optional,
)

export const readQuestion = Effect.fnUntraced(function* (
  given: Option.Option<string>,
): Effect.fn.Return<Question, UsageFault> {
  if (Option.isSome(given) && given.value !== "-") {
    return hasSecret(given.value) ? yield* secretInArguments : questionOf(given.value)
  }
  const pasted = yield* readHidden("paste the token (it is not shown), then press Enter: ")
  if (pasted.trim() !== "") return pastedQuestion(pasted)
  const message = "nothing is asked about: give an id, a SHA-256 or an account's name, or a token on standard input"
  return yield* new UsageFault({ message })
})
