/**
 * Commands that are suggested to somebody: such as find the store that is spoken of, and can be pasted as they stand.
 *
 * A store in memory is seen by the process that has it and by no command, so that none is suggested for it.
 */
import { quoted, type Advice, type Command } from "../audit/index.ts"
import { DEFAULT_STORE } from "./Flags.ts"
import type { StoreLocation } from "./OpenStore.ts"

const storeWords = (store: string): ReadonlyArray<string> => (store === DEFAULT_STORE ? [] : ["--store", store])

export const commandLine = (words: ReadonlyArray<string>, store: string): string =>
  ["grantlog", ...[...words, ...storeWords(store)].map(quoted)].join(" ")

/** What is advised about a store, with the flag that leads there. */
export const adviceAbout =
  ({ file }: StoreLocation) =>
  <Advised extends Advice>(advised: Advised): Advised => {
    if (file === undefined) return { ...advised, next: [], proof: [] }
    const more = storeWords(`sqlite:${file}`).map(quoted)
    const found = (list: ReadonlyArray<Command>) =>
      list.map((one) => ({ ...one, command: [one.command, ...more].join(" ") }))
    return { ...advised, next: found(advised.next), proof: found(advised.proof) }
  }
