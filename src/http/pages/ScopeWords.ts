/**
 * What a scope allows, in words made from its own name: for scopes that nobody has described.
 *
 * Well-known scopes have words of their own. Of the rest, one word says what is done, the last verb if there are more,
 * and what is left is what it is done to: `notes:read`, `read:notes` and `notes.readonly` are "read notes". A name says no
 * more than that, so nothing is promised here; the scope itself stands beside the words.
 */
import { strings } from "./Strings.ts"

const MAX_WORDS = 4
const WORD = /^[a-z][a-z0-9]{0,23}$/

const { known, verbs, everything, yours, doing } = strings.scopes

const isOf = <Words extends object>(words: Words, word: string | undefined): word is keyof Words & string =>
  word !== undefined && Object.hasOwn(words, word)

/** What a scope that is an address is called: the last part of its path. */
const nameIn = (scope: string): string => /^[a-z][a-z0-9+.-]*:\/\/.*\/([^/]*)$/i.exec(scope)?.[1] ?? scope

/** The words of a name, however they are kept apart. */
const wordsIn = (name: string): ReadonlyArray<string> =>
  name
    .replaceAll(/([a-z0-9])(?=[A-Z])/g, "$1 ")
    .toLowerCase()
    .replace(/\bread[-_ ](only|write)\b/, "read$1")
    .replace(/\*$/, " all")
    .split(/[^a-z0-9]+/)
    .filter((word) => word !== "")

/** A phrase that goes on from "It wants to"; `undefined` where the name says nothing that the scope does not. */
export const wordsOf = (scope: string): string | undefined => {
  if (isOf(known, scope)) return known[scope]
  const words = wordsIn(nameIn(scope))
  if (words.length > MAX_WORDS || !words.every((word) => WORD.test(word))) return undefined
  const at = words.findLastIndex((word) => isOf(verbs, word))
  const [verb, last] = [words[at], words.at(-1)]
  const object = words.toSpliced(at, at < 0 ? 0 : 1).join(" ")
  if (isOf(verbs, verb)) return doing(verbs[verb], object === "" ? yours : object)
  if (last === "all") return everything(words.length === 1 ? yours : words.slice(0, -1).join(" "))
  if (words.length < 2) return undefined
  return doing(isOf(known, last) ? verbs.view : verbs.use, object)
}
