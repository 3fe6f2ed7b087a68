/** What one search is about: where it starts, what can be tried, what may be exchanged, and how far it goes. */
import type { Policy } from "../Model.ts"
import type { Operation, Ref } from "../Operation.ts"
import type { Alphabet } from "./Alphabet.ts"
import type { Exchange } from "./Key.ts"

/** When to stop before everything was tried. */
export interface Limit {
  /** Operations after the opening. */
  readonly depth: number
  readonly uniqueStates: number
}

export interface Scope {
  readonly name: string
  /** What is to be found out, in a sentence. */
  readonly purpose: string
  readonly policy: Policy
  /** What has happened before the search starts; checked like everything else. */
  readonly opening: ReadonlyArray<Operation>
  readonly alphabet: Alphabet
  readonly clientCount: number
  readonly subjectCount: number
  /** Those for which alphabet and opening are the same, so that it does not matter which is which. */
  readonly interchangeable: { readonly clients: ReadonlyArray<Ref>; readonly subjects: ReadonlyArray<Ref> }
  /** How far a quick search goes, and a deep one. */
  readonly quick: Limit
  readonly deep: Limit
}

const permutations = (refs: ReadonlyArray<Ref>): ReadonlyArray<ReadonlyArray<Ref>> =>
  refs.length === 0
    ? [[]]
    : refs.flatMap((first) => permutations(refs.filter((ref) => ref !== first)).map((rest) => [first, ...rest]))

/** Every way to number `count` things in which only `refs` change places. */
const places = (count: number, refs: ReadonlyArray<Ref>): ReadonlyArray<ReadonlyArray<Ref>> =>
  permutations(refs).map((moved) =>
    Array.from({ length: count }, (_, ref) => (refs.includes(ref) ? moved[refs.indexOf(ref)]! : ref)),
  )

export const exchangesOf = ({ clientCount, subjectCount, interchangeable }: Scope): ReadonlyArray<Exchange> =>
  places(clientCount, interchangeable.clients).flatMap((clients) =>
    places(subjectCount, interchangeable.subjects).map((subjects) => ({ clients, subjects })),
  )
