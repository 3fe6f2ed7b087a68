/**
 * How single values stand in a key: times relative to now, digests and keys by their place, and what no rule reads not at all.
 *
 * An encoding of a type names each of its fields, so a field that is added to the machine or the model does not compile
 * here until somebody has said what it means for two states to be the same.
 */
import { jktOf } from "../machine/Names.ts"
import type { Key, Ref } from "../Operation.ts"
import { TICK_MILLIS } from "./Alphabet.ts"

/** What values of one grant are seen relative to. */
export interface View {
  readonly at: number
  /** How long ago is as good as for ever: longer than any window. */
  readonly horizonMillis: number
  readonly currentGeneration: number
  readonly keys: Array<Key>
  /** The places of tokens among those of the grant that the key tells apart; -1 for any other. */
  readonly accessPlace: (digest: string) => number
  readonly refreshPlace: (ref: Ref) => number
}

export type Encode<A> = (value: A, view: View) => string | number
export type Encoding<A> = { readonly [Field in keyof A]-?: Encode<A[Field]> }

export const fields = <A extends object>(encoding: Encoding<A>): Encode<A> => {
  const names: Array<keyof A> = []
  for (const name in encoding) if (encoding[name] !== unread && encoding[name] !== elsewhere) names.push(name)
  return (value, view) => {
    let text = ""
    for (const name of names) text += `${encoding[name](value[name], view)},`
    return text
  }
}

export const orNone =
  <A>(encode: Encode<A>): Encode<A | null> =>
  (value, view) =>
    value === null ? "-" : encode(value, view)

/** Read by no rule, only written down for people: what happened when, and why. */
export const unread: Encode<unknown> = () => ""

/** Stands elsewhere in the key. */
export const elsewhere: Encode<unknown> = () => ""

export const exact: Encode<string | number | boolean | null> = (value) => `${value}`

export const isThere: Encode<unknown> = (value) => (value === null ? 0 : 1)

/** An end: how far off it is. What has been over for a tick is over for good, however long ago it ended. */
export const end: Encode<number> = (time, { at }) => Math.max(time - at, -TICK_MILLIS)

/** A beginning that a window is measured from. */
export const since: Encode<number> = (time, { at, horizonMillis }) => Math.min(at - time, horizonMillis)

/** Only the order of neighbours matters: the current, the one before, those before that. */
export const generation: Encode<number> = (value, { currentGeneration }) => Math.min(currentGeneration - value, 2)

/** A key by the order in which keys turn up in the grant: no rule compares the keys of two grants. */
export const key: Encode<Key | null> = (value, { keys }) => {
  if (value === null) return "-"
  const known = keys.indexOf(value)
  return known >= 0 ? known : keys.push(value) - 1
}

const keyByThumbprint = new Map<string, Key>((["k1", "k2"] as const).map((name) => [`${jktOf(name)}`, name]))

export const thumbprint: Encode<string | null> = (value, view) => {
  const name = value === null ? null : keyByThumbprint.get(value)
  return name === undefined ? `${value}` : key(name, view)
}

export const accessPlace: Encode<string> = (digest, view) => view.accessPlace(digest)

export const refreshPlace: Encode<Ref> = (ref, view) => view.refreshPlace(ref)

const numbers = new Map<string, number>()

/** A number for a text, the same for the same text: keys of a million states hold few texts many times. */
export const numberFor = (text: string): number => {
  const known = numbers.get(text)
  if (known !== undefined) return known
  numbers.set(text, numbers.size)
  return numbers.size - 1
}

/** Names, in the order in which they stand. */
export const names: Encode<ReadonlyArray<string>> = (value) => numberFor(value.join(" "))

const numberByObject = new WeakMap<object, number>()

/** Plain data as it is, whatever is in it; of which there are few. */
export const whole: Encode<object | null> = (value) => {
  if (value === null) return "-"
  const known = numberByObject.get(value)
  if (known !== undefined) return known
  const number = numberFor(JSON.stringify(value))
  numberByObject.set(value, number)
  return number
}
