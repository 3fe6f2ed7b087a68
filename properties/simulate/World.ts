/** What everything in a run shares: one bag, one time, one store, one holder, one transcript; and all of it from a seed. */
import { newHolder, type Holder, type Mint } from "../Holder.ts"
import { clientIdOf, LOOPBACK_URI } from "../machine/Names.ts"
import type { Ref } from "../Operation.ts"
import { makeBag, type Bag } from "./Bag.ts"
import { diceFrom, type Dice } from "./Dice.ts"
import { drawFaults, type FaultKind, type Faults } from "./Faults.ts"
import { makeSharedStore, type SharedStore, type Tables } from "./SharedStore.ts"
import { makeTime, type Time } from "./Time.ts"

export interface World {
  readonly dice: Dice
  /** Chance that no decision of the run hangs on: what secrets are made of. */
  readonly secretDice: Dice
  readonly bag: Bag
  readonly faults: Faults
  readonly time: Time
  readonly store: SharedStore
  /** Who may know which of the strings in it is the actors' affair. */
  readonly holder: Holder
  /** The number of a request for approval that nobody answered yet. */
  readonly newRequest: () => Ref
  readonly requestCount: () => number
  /** Writes a line of the transcript. */
  readonly note: (line: string) => void
  readonly notes: ReadonlyArray<string>
  /** The index of the next invocation or return. */
  readonly nextIndex: () => number
}

const ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"

const mintFrom = (dice: Dice): Mint => {
  const text = (length: number) => Array.from({ length }, () => ALPHABET[dice.below(ALPHABET.length)]!).join("")
  return (kind, ref) => {
    switch (kind) {
      case "client":
        return clientIdOf(Number(ref))
      case "subject":
        return `sub_${String(ref).padStart(22, "0")}`
      case "grant":
        return text(22)
      case "secret":
      case "verifier":
        return text(43)
      case "redirectUri":
        return LOOPBACK_URI
      default:
        return `gl${kind[0]}_made-up`
    }
  }
}

export const makeWorld = (seed: number, tables: Tables, faultKinds?: ReadonlyArray<FaultKind>): World => {
  const dice = diceFrom(seed)
  const secretDice = diceFrom(`secrets of ${seed}`)
  const bag = makeBag(dice)
  const faults = drawFaults(dice, faultKinds)
  const notes: Array<string> = []
  let index = 0
  let requestCount = 0
  return {
    dice,
    secretDice,
    bag,
    faults,
    time: makeTime(),
    store: makeSharedStore(tables, bag, faults),
    holder: newHolder(mintFrom(secretDice)),
    newRequest: () => requestCount++,
    requestCount: () => requestCount,
    note: (line) => void notes.push(line),
    notes,
    nextIndex: () => index++,
  }
}
