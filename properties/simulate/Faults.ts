/**
 * What can go wrong, how often, and how often it did.
 *
 * Each run draws which faults it has and how many: a run with few of them gets further, a run with many of one kind
 * finds what that kind breaks. Nothing goes wrong before they begin, nor after healing.
 */
import type { Dice } from "./Dice.ts"

export const faultKinds = [
  "conflict",
  "crash before commit",
  "crash after commit",
  "unknown outcome",
  "failed commit",
  "full disk",
  "slow",
  "lost reply",
  "impatient client",
  "duplicate delivery",
  "crash",
  "clock jump",
  "clock skew",
] as const
export type FaultKind = (typeof faultKinds)[number]
export type FaultCounts = Readonly<Record<FaultKind, number>>

export interface Faults {
  /** Whether a fault of that kind happens here and now. */
  readonly happens: (kind: FaultKind) => boolean
  readonly begin: () => void
  readonly heal: () => void
  readonly counts: () => FaultCounts
}

const countsOf = (count: (kind: FaultKind) => number): Record<FaultKind, number> =>
  Object.fromEntries(faultKinds.map((kind) => [kind, count(kind)])) as Record<FaultKind, number>

export const noFaultCounts: FaultCounts = countsOf(() => 0)
export const addCounts = (left: FaultCounts, right: FaultCounts): FaultCounts =>
  countsOf((kind) => left[kind] + right[kind])

const RATES = [0, 0, 0, 0.05, 0.25]

/** `only`: the kinds that may happen at all; default every kind. */
export const drawFaults = (dice: Dice, only: ReadonlyArray<FaultKind> = faultKinds): Faults => {
  const rates = countsOf((kind) => (only.includes(kind) ? dice.pick(RATES) : 0))
  const counts = countsOf(() => 0)
  let isOn = false
  return {
    happens: (kind) => {
      if (!isOn || !dice.chance(rates[kind])) return false
      counts[kind]++
      return true
    },
    begin: () => {
      isOn = true
    },
    heal: () => {
      isOn = false
    },
    counts: () => ({ ...counts }),
  }
}
