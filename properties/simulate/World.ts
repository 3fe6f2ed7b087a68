/** What everything in a run shares: one bag, one time, one store, one wallet, one transcript; and all of it from a seed. */
import type { InlineProjection } from "../../src/log/Rows.ts"
import { makeBag, type Bag } from "./Bag.ts"
import { diceFrom, type Dice } from "./Dice.ts"
import { drawFaults, type FaultKind, type Faults } from "./Faults.ts"
import { makeSharedStore, type SharedStore } from "./SharedStore.ts"
import { makeTime, type Time } from "./Time.ts"
import { makeWallet, type Wallet } from "./Wallet.ts"

export interface World {
  readonly dice: Dice
  /** Chance that no decision of the run hangs on: what secrets are made of. */
  readonly secretDice: Dice
  readonly bag: Bag
  readonly faults: Faults
  readonly time: Time
  readonly store: SharedStore
  readonly wallet: Wallet
  /** Writes a line of the transcript. */
  readonly note: (line: string) => void
  readonly notes: ReadonlyArray<string>
  /** The index of the next invocation or return. */
  readonly nextIndex: () => number
}

export const makeWorld = (seed: number, projection: InlineProjection, faultKinds?: ReadonlyArray<FaultKind>): World => {
  const dice = diceFrom(seed)
  const secretDice = diceFrom(`secrets of ${seed}`)
  const bag = makeBag(dice)
  const faults = drawFaults(dice, faultKinds)
  const notes: Array<string> = []
  let index = 0
  return {
    dice,
    secretDice,
    bag,
    faults,
    time: makeTime(),
    store: makeSharedStore(projection, bag, faults),
    wallet: makeWallet(secretDice),
    note: (line) => void notes.push(line),
    notes,
    nextIndex: () => index++,
  }
}
