/**
 * A list that may be long: a page of it, with what was left out and how to go on, for people and for programs.
 *
 * A program gets `before` and `after` beside the rows, for the flags of that name; each is `null` where there is nothing
 * on that side of the page.
 */
import * as Effect from "effect/Effect"
import type * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import * as Flag from "effect/cli/Flag"
import { UsageFault, type CommandFault } from "./Failure.ts"
import { optional } from "./Flags.ts"
import { printJson, printTable } from "./Print.ts"
import { tell } from "./Terminal.ts"

export const limit = (most: number, usual: number) =>
  Flag.Int("limit").pipe(
    Flag.withDescription("how many at most"),
    Flag.withSchema(Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: most }))),
    Flag.withDefault(usual),
  )

export const MAX_LISTED = 10_000
export const USUALLY_LISTED = 100

/** Which page of a list; `reversed` says how it is sorted when it is turned round. */
export const pageFlags = (reversed: string) => ({
  reverse: Flag.Boolean("reverse").pipe(Flag.withDescription(reversed), Flag.withDefault(false)),
  before: Flag.String("before").pipe(
    Flag.withDescription("go back: what comes before this one, the first of a page"),
    Flag.optional,
  ),
  after: Flag.String("after").pipe(
    Flag.withDescription("go on: what comes behind this one, the last of a page"),
    Flag.optional,
  ),
  limit: limit(MAX_LISTED, USUALLY_LISTED),
})

/** Which page is asked for. */
export interface Asked {
  readonly reverse?: boolean
  readonly before?: string
  readonly after?: string
  readonly limit?: number
}

/** Which page flags ask for. */
export const pageIn = ({
  reverse,
  before,
  after,
  limit: count,
}: {
  readonly reverse: boolean
  readonly before: Option.Option<string>
  readonly after: Option.Option<string>
  readonly limit: number
}): Asked => ({
  reverse,
  ...optional("before", before),
  ...optional("after", after),
  limit: count,
})

/** How a list is read: so many behind a row, in its own order or the other. */
export interface Reading {
  readonly after?: string
  readonly isReversed: boolean
  readonly limit: number
}

export interface ListPage<A> {
  readonly rows: ReadonlyArray<A>
  readonly before: string | null
  readonly after: string | null
}

/** One more than is shown is read, which tells whether there are more; on the other side of the page one is looked for. */
export const pageOf = Effect.fnUntraced(function* <A, E, R>(
  { reverse = false, before, after, limit: count = USUALLY_LISTED }: Asked,
  idOf: (row: A) => string,
  read: (reading: Reading) => Effect.Effect<ReadonlyArray<A>, E, R>,
): Effect.fn.Return<ListPage<A>, E | UsageFault, R> {
  if (before !== undefined && after !== undefined) {
    return yield* new UsageFault({ message: "--before goes back and --after goes on: give one of them" })
  }
  const isBack = before !== undefined
  const cursor = before ?? after
  const behind = (id: string | undefined) => (id === undefined ? {} : { after: id })
  const found = yield* read({ ...behind(cursor), isReversed: reverse !== isBack, limit: count + 1 })
  const rows = found.slice(0, count)
  const near = rows[0]
  const isFarther = cursor !== undefined && near !== undefined
  const nearer = isFarther ? yield* read({ ...behind(idOf(near)), isReversed: reverse === isBack, limit: 1 }) : []
  const inOrder = isBack ? rows.toReversed() : rows
  const [first, last] = [inOrder[0], inOrder.at(-1)]
  const [isMore, isLess] = [found.length > count, nearer.length > 0]
  return {
    rows: inOrder,
    before: first !== undefined && (isBack ? isMore : isLess) ? idOf(first) : null,
    after: last !== undefined && (isBack ? isLess : isMore) ? idOf(last) : null,
  }
})

/** Says on which sides of what was shown there is more, and which flag leads there. */
export const tellMore = ({ before, after }: { readonly before: unknown; readonly after: unknown }): void => {
  const ways = Object.entries({ before, after }).filter(([, cursor]) => cursor !== null)
  if (ways.length > 0) tell(`there is more: ${ways.map(([name, cursor]) => `--${name} ${String(cursor)}`).join(", ")}`)
}

/** Prints a page, for programs under `name`; `none` is said of an empty list. */
export const printPage = <A extends Readonly<Record<string, unknown>>>(
  { rows, before, after }: ListPage<A>,
  { name, none, isJson }: Readonly<Record<"name" | "none", string>> & { readonly isJson: boolean },
): Effect.Effect<void, CommandFault> =>
  isJson
    ? printJson({ [name]: rows, before, after })
    : Effect.andThen(
        printTable(rows, none),
        Effect.sync(() => tellMore({ before, after })),
      )
