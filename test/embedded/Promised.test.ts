/** The rules of the Promise face: one function makes it of any shape in Effect, and plain values are read on the way in. */
import * as Data from "effect/Data"
import * as Effect from "effect/Effect"
import * as Schema from "effect/Schema"
import * as Stream from "effect/Stream"
import { describe, expect, expectTypeOf, test } from "vitest"
import { promised } from "../../src/embedded/Promised.ts"

const Id = Schema.String.check(Schema.isStartingWith("id-")).pipe(Schema.brand("Id"))
type Id = typeof Id.Type

class Refused extends Data.TaggedError("Refused")<{ readonly message: string }> {}

const readId = (given: unknown): Effect.Effect<Id, Refused> =>
  Schema.is(Id)(given) ? Effect.succeed(given) : Effect.fail(new Refused({ message: "an id begins with id-" }))

const calls: Array<unknown> = []
const shape = {
  name: "a shape",
  count: Effect.succeed(3),
  double: (given: number) => Effect.succeed(2 * given),
  now: () => 7,
  fails: (): Effect.Effect<never, Refused> => Effect.fail(new Refused({ message: "no" })),
  upTo: (end: number) => Stream.range(1, end),
  breaksOff: () =>
    Stream.concat(Stream.make(1), Stream.fromEffect(Effect.fail(new Refused({ message: "broken off" })))),
  find: (id: Id, limit: number) => Effect.sync(() => calls.push([id, limit])),
}
const face = promised(shape, { find: [readId, null] })

const all = async <A>(items: AsyncIterable<A>): Promise<ReadonlyArray<A>> => {
  const found: Array<A> = []
  for await (const item of items) found.push(item)
  return found
}

describe("the Promise face", () => {
  test("has a function that gives a Promise for each Effect, and everything else as it is", async () => {
    expect(await face.count()).toBe(3)
    expect(await face.double(4)).toBe(8)
    expect(face.now()).toBe(7)
    expect(face.name).toBe("a shape")
    expectTypeOf(face.count).toEqualTypeOf<() => Promise<number>>()
    expectTypeOf(face.double).parameters.toEqualTypeOf<[number]>()
  })

  test("rejects with the very error", async () => {
    await expect(face.fails()).rejects.toBeInstanceOf(Refused)
    await expect(face.fails()).rejects.toMatchObject({ message: "no" })
  })

  test("gives a Stream as an AsyncIterable, which throws the very error", async () => {
    expect(await all(face.upTo(3))).toEqual([1, 2, 3])
    await expect(all(face.breaksOff())).rejects.toBeInstanceOf(Refused)
    expectTypeOf(face.upTo).returns.toEqualTypeOf<AsyncIterable<number>>()
  })

  test("takes plain text where the Effect has a brand, and reads it before anything is done", async () => {
    await face.find("id-1", 5)
    await expect(face.find("one", 5)).rejects.toMatchObject({ message: "an id begins with id-" })
    expect(calls).toEqual([["id-1", 5]])
    expectTypeOf(face.find).parameters.toEqualTypeOf<[id: string, limit: number]>()
  })

  test("asks the compiler for a reader of each parameter with a brand", () => {
    // @ts-expect-error: `find` takes an Id
    expect(typeof promised(shape, {})).toBe("object")
    // @ts-expect-error: a number needs no reader
    expect(typeof promised(shape, { find: [readId, readId] })).toBe("object")
  })
})
