/**
 * The bytes that are hashed: JSON in RFC 8785 form, and the RFC 9162 leaf hash over them.
 *
 * They are made once, when an entry is written, and stored as they are; reading never re-encodes. Only what every
 * reader reads alike may stand in them: integers within ±2⁵³, no lone surrogates. `JSON.stringify` writes these as RFC
 * 8785 asks; what is left to do is to bring members in order.
 */
import { hash } from "node:crypto"

/** The canonical text of `value`; throws a `TypeError` for a value that has none, which is a mistake of the caller. */
export const canonicalText = (value: unknown): string => JSON.stringify(inOrder(value))

/**
 * Whether this text of `value` is the canonical one. Any other text might be read differently by somebody, or not at
 * all.
 */
export const isCanonical = (text: string, value: unknown): boolean => {
  try {
    return canonicalText(value) === text
  } catch {
    return false
  }
}

/** Deeper than any entry is nested, and far from where a stack ends: how deep that is changes from call to call. */
const MAX_DEPTH = 512

const isNestedWithin = (depth: number, value: unknown): boolean =>
  typeof value !== "object" ||
  value === null ||
  (depth > 0 && Object.values(value).every((member) => isNestedWithin(depth - 1, member)))

/** The value of a canonical text that is nested 512 deep at most; `undefined` for any other text. */
export const readCanonical = (text: string): unknown => {
  try {
    const value: unknown = JSON.parse(text)
    return isNestedWithin(MAX_DEPTH, value) && isCanonical(text, value) ? value : undefined
  } catch {
    return undefined
  }
}

/** The same value, its members in the order of RFC 8785 at every depth. */
const inOrder = (value: unknown): unknown => {
  switch (typeof value) {
    case "string":
      if (!value.isWellFormed()) throw new TypeError("lone surrogate in text")
      return value
    case "number":
      if (!Number.isSafeInteger(value)) throw new TypeError(`not a safe integer: ${value}`)
      return value
    case "boolean":
      return value
    case "object":
      if (value === null) return value
      // The list is spread, because `map` skips holes.
      return Array.isArray(value) ? [...value].map(inOrder) : membersInOrder(value)
    default:
      throw new TypeError(`not JSON: ${typeof value}`)
  }
}

const membersInOrder = (value: object): object => {
  const kind: unknown = Object.getPrototypeOf(value)
  if (kind !== null && Object.getPrototypeOf(kind) !== null) throw new TypeError("not JSON: an object of a class")
  const members = value as Readonly<Record<string, unknown>>
  const keys = Object.keys(members)
  // Assignment cannot give an object such a member, and cannot put one that looks like an index after another.
  const isOdd = /^\d/.test(keys[0] ?? "") || Object.hasOwn(members, "__proto__")
  sort(keys)
  if (isOdd) {
    const entries = keys.map((key) => [inOrder(key), inOrder(members[key])])
    return new Proxy(Object.fromEntries(entries), { ownKeys: () => keys })
  }
  const ordered: Record<string, unknown> = {}
  for (const key of keys) ordered[inOrder(key) as string] = inOrder(members[key])
  return ordered
}

/** By UTF-16 code unit, by insertion: keys are few, and the built-in sort would be a third of all that writing costs. */
const sort = (keys: Array<string>): void => {
  for (let index = 1; index < keys.length; index++) {
    const key = keys[index]!
    let place = index
    for (; place > 0 && keys[place - 1]! > key; place--) keys[place] = keys[place - 1]!
    keys[place] = key
  }
}

/** SHA-256(0x00 ‖ bytes), base64url (RFC 9162 2.1.1). */
export const leafHash = (text: string): string => hash("sha256", `\u0000${text}`, "base64url")
