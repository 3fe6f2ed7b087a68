/**
 * Signing keys that cannot be read, or opened, at whatever moment of an answer: what is used once is answered, or can be
 * brought again, so that nothing acknowledged is lost.
 */
import { Effect } from "effect"
import { expect, it } from "vitest"
import { StoreFault } from "../../src/log/index.ts"
import { ephemeralKeys, liveRandomness, memorySigningKeys } from "../../src/provider/index.ts"
import { everyWay, type Way } from "../support/EveryWay.ts"

/** Keys that are away after so many more reads. */
const unsteadyKeys = () => {
  const keys = memorySigningKeys(ephemeralKeys(), liveRandomness)
  let left = Number.POSITIVE_INFINITY
  const reading = <A>(read: Effect.Effect<A, StoreFault>) =>
    Effect.suspend(() =>
      left-- > 0 ? read : Effect.fail(new StoreFault({ reason: "other", message: "the keys are away" })),
    )
  const signingKeys: typeof keys = {
    ...keys,
    list: reading(keys.list),
    active: (alg, now) => reading(keys.active(alg, now)),
    privateKeyOf: (key) => reading(keys.privateKeyOf(key)),
  }
  return {
    signingKeys,
    goAwayAfter: (reads: number) => (left = reads),
    comeBack: () => (left = Number.POSITIVE_INFINITY),
  }
}

const isAnswer = (status: number | undefined): boolean => status !== undefined && status < 400

/** Those whose answer is signed, or has a token in it that is. */
const signed: ReadonlyArray<Way> = [
  "a code",
  "a refresh token",
  "a device code",
  "an identity assertion",
  "a token that is exchanged",
  "an approval whose answer is signed",
  "an approval whose answer is signed and posted",
  "a no whose answer is signed",
]

it.each(signed)("%s is answered, or can be brought again, whenever the keys go away", async (name) => {
  const answered: Array<number> = []
  for (let reads = 0; !isAnswer(answered.at(-1)); reads++) {
    const { signingKeys, goAwayAfter, comeBack } = unsteadyKeys()
    const { ways } = await everyWay({ signingKeys })
    const bring = await ways[name]()
    goAwayAfter(reads)
    const { status } = await bring()
    answered.push(status)
    comeBack()
    if (isAnswer(status)) continue
    expect([reads, status]).toEqual([reads, 503])
    const again = await bring()
    expect([reads, again.status, isAnswer(again.status)]).toEqual([reads, again.status, true])
  }
  // Nothing is signed without a read, so that the first of them has met the fault.
  expect(answered.length).toBeGreaterThan(1)
})
