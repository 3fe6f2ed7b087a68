/**
 * The Promise face of what is written in Effect: the same members under the same names, made by one function.
 *
 * An Effect becomes a function that gives a Promise, a Stream becomes an AsyncIterable, and a failure rejects with the
 * very error. What the Effect face takes with a brand is plain text or a plain number here and is read first: the
 * compiler asks for a reader of each such parameter, and what a reader refuses never gets further.
 */
import type * as Brand from "effect/Brand"
import * as Effect from "effect/Effect"
import * as Stream from "effect/Stream"

/** Reads what a caller gave, or fails with a sentence that says what it has to be. */
export type Reader<A> = (given: unknown) => Effect.Effect<A, unknown>

type IsBranded<A> = A extends Brand.Brand<infer _Keys> ? true : never

/** What stands behind a brand. */
type Plain<A> = A extends Brand.Brand<infer _Keys> ? (A extends string ? string : A extends number ? number : never) : A

type PlainInput<Input extends ReadonlyArray<unknown>> = { [At in keyof Input]: Plain<Input[At]> }

type PromisedOutput<Output> =
  Output extends Stream.Stream<infer A, infer _E>
    ? AsyncIterable<A>
    : Output extends Effect.Effect<infer A, infer _E>
      ? Promise<A>
      : Output

export type Promised<Shape> = {
  readonly [Name in keyof Shape]: Shape[Name] extends (...input: infer Input) => infer Output
    ? (...input: PlainInput<Input>) => PromisedOutput<Output>
    : Shape[Name] extends Effect.Effect<infer A, infer _E>
      ? () => Promise<A>
      : Shape[Name]
}

/** `true` where a parameter of a member has a brand, `never` where none has. */
type HasBrandedInput<Member> = Member extends (...input: infer Input) => unknown
  ? { [At in keyof Input]-?: IsBranded<Input[At]> }[number]
  : never

/** A reader for each parameter of a member, `null` for those without a brand. */
type ReadersOf<Member> = Member extends (...input: infer Input) => unknown
  ? { readonly [At in keyof Input]-?: [IsBranded<Input[At]>] extends [never] ? null : Reader<Input[At]> }
  : never

/** The readers that the Promise face of a shape needs: of those members that take something with a brand. */
export type Readers<Shape> = {
  readonly [Name in keyof Shape as [HasBrandedInput<Shape[Name]>] extends [never] ? never : Name]: ReadersOf<
    Shape[Name]
  >
}

type Input = ReadonlyArray<unknown>

const run = (result: unknown): unknown => {
  if (Effect.isEffect(result)) return Effect.runPromise(result as Effect.Effect<unknown>)
  return Stream.isStream(result) ? Stream.toAsyncIterable(result as Stream.Stream<unknown, unknown>) : result
}

const readAll = (readers: ReadonlyArray<Reader<unknown> | null>, input: Input): Effect.Effect<Input, unknown> =>
  Effect.forEach(input, (given, index) => readers[index]?.(given) ?? Effect.succeed(given))

/** The Promise face of a shape. */
export const promised = <Shape extends object>(shape: Shape, readers: Readers<Shape>): Promised<Shape> =>
  Object.fromEntries(
    Object.entries(shape).map(([name, member]) => {
      if (Effect.isEffect(member)) return [name, () => run(member)]
      if (typeof member !== "function") return [name, member]
      const own = (readers as Readonly<Record<string, ReadonlyArray<Reader<unknown> | null> | undefined>>)[name]
      if (own === undefined) return [name, (...input: Input) => run(member(...input))]
      return [
        name,
        (...input: Input) =>
          run(Effect.flatMap(readAll(own, input), (read) => member(...read) as Effect.Effect<unknown>)),
      ]
    }),
  ) as Promised<Shape>
