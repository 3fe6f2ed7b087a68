/**
 * Commands that are suggested to somebody: such as find the store that is spoken of, and can be pasted as they stand.
 *
 * The address of a database is left to the environment, for it has a password. A store in memory is seen by the process
 * that has it and by no command, so that none is suggested for it.
 */
import { quoted, type Advice, type Command } from "../audit/index.ts"
import { DEFAULT_STORE } from "./Flags.ts"
import { isInMemory, type StoreLocation } from "./StoreLocation.ts"

const storeWords = ({ name, database }: StoreLocation): ReadonlyArray<string> =>
  name === DEFAULT_STORE || database !== undefined ? [] : ["--store", name]

export const commandLine = (words: ReadonlyArray<string>, location: StoreLocation): string =>
  ["grantlog", ...[...words, ...storeWords(location)].map(quoted)].join(" ")

/** What is advised about a store, with the flag that leads there. */
export const adviceAbout =
  (location: StoreLocation) =>
  <Advised extends Advice>(advised: Advised): Advised => {
    if (isInMemory(location)) return { ...advised, next: [], proof: [] }
    const more = storeWords(location).map(quoted)
    const found = (list: ReadonlyArray<Command>) =>
      list.map((one) => ({ ...one, command: [one.command, ...more].join(" ") }))
    return { ...advised, next: found(advised.next), proof: found(advised.proof) }
  }
