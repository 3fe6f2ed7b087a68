/**
 * A list that may be long: a page of it, with what was left out and how to go on, for people and for programs.
 *
 * A program gets `after` beside the rows, which is `null` where these were the last.
 */
import { Effect, Option, Schema } from "effect"
import { Flag } from "effect/cli"
import type { CommandFault } from "./Failure.ts"
import { printJson, printTable } from "./Print.ts"
import { tell } from "./Terminal.ts"

export const after = Flag.String("after").pipe(
  Flag.withDescription("go on behind this one: the last of the page before"),
  Flag.optional,
)

export const limit = (most: number, usual: number) =>
  Flag.Int("limit").pipe(
    Flag.withDescription("how many at most"),
    Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: most }))),
    Flag.withDefault(usual),
  )

interface Asked {
  readonly after: Option.Option<string>
  readonly limit: number
}

/** What to ask for: one more than is shown, which tells whether there are more. */
export const pageOf = (asked: Asked): { readonly after?: string; readonly limit: number } => ({
  ...Option.match(asked.after, { onNone: () => ({}), onSome: (last) => ({ after: last }) }),
  limit: asked.limit + 1,
})

type Row = Readonly<Record<string, unknown>>

/** Prints what was found by {@link pageOf}, under `name`; `idOf` is what `--after` takes. */
export const printPage = (
  found: ReadonlyArray<Row>,
  {
    name,
    none,
    idOf,
    limit,
    isJson,
  }: Readonly<Record<"name" | "none" | "idOf", string>> & {
    readonly limit: number
    readonly isJson: boolean
  },
): Effect.Effect<void, CommandFault> => {
  const shown = found.slice(0, limit)
  const last = found.length > limit ? String(shown.at(-1)?.[idOf]) : null
  if (isJson) return printJson({ [name]: shown, after: last })
  const more = Effect.sync(() => tell(`there is more: --after ${last}`))
  return Effect.andThen(printTable(shown, none), last === null ? Effect.void : more)
}
