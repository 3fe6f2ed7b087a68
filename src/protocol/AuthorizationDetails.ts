/**
 * Authorization details (RFC 9396): what somebody allows, as objects with a type, where scopes say too little.
 *
 * One object has one text, its canonical JSON, by which it is kept and compared. Whether a type is known, and what it
 * means, is for the server that has it.
 */

/** One thing that is allowed; which members it has is for its type to say. */
export interface AuthorizationDetail {
  /** The type that says which other members it has. */
  readonly type: string
  readonly [member: string]: unknown
}

export const MAX_DETAILS = 16
export const MAX_DETAIL_CHARACTERS = 2048
const MAX_DEPTH = 8

/** The lists of RFC 9396 2.2 that a detail may be narrowed by: fewer of them allow less. */
const narrowable: ReadonlySet<string> = new Set(["locations", "actions", "datatypes", "privileges"])

const isTexts = (value: unknown): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every((one) => typeof one === "string")

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** JSON with the members of every object in order; `undefined` for what is no JSON, or is nested too deeply. */
const canonical = (value: unknown, depth = 0): string | undefined => {
  if (depth > MAX_DEPTH) return undefined
  if (value === null || typeof value === "boolean") return JSON.stringify(value)
  if (typeof value === "string") return value.isWellFormed() ? JSON.stringify(value) : undefined
  if (typeof value === "number") return Number.isFinite(value) ? JSON.stringify(value) : undefined
  if (typeof value !== "object") return undefined
  const isList = Array.isArray(value)
  const parts = isList
    ? value.map((one) => canonical(one, depth + 1))
    : Object.entries(value)
        .toSorted(([one], [other]) => (one < other ? -1 : 1))
        .map(([name, member]) => {
          const [key, text] = [canonical(name, depth + 1), canonical(member, depth + 1)]
          return key === undefined || text === undefined ? undefined : `${key}:${text}`
        })
  if (parts.includes(undefined)) return undefined
  return isList ? `[${parts.join(",")}]` : `{${parts.join(",")}}`
}

/** The text of a detail; `undefined` for what is none: no object with a type, or too large. */
export const detailText = (value: unknown): string | undefined => {
  if (!isObject(value) || typeof value["type"] !== "string" || value["type"] === "") return undefined
  const text = canonical(value)
  return text !== undefined && text.length <= MAX_DETAIL_CHARACTERS ? text : undefined
}

/** Whether it is the text of a detail, as {@link detailText} writes it. */
export const isDetailText = (text: string): boolean => {
  try {
    return detailText(JSON.parse(text)) === text
  } catch {
    return false
  }
}

/** The detail of a text that is one. */
export const detailOf = (text: string): AuthorizationDetail => JSON.parse(text) as AuthorizationDetail

/** Whether `granted` allows all that `asked` does: the same, or with fewer entries in the lists that may shrink. */
//= RFC9396-6-narrowing
const covers = (granted: AuthorizationDetail, asked: AuthorizationDetail): boolean => {
  const names = Object.keys(granted)
  // A member that is left out may mean more than one that is there: as many on both sides, and each on both.
  if (names.length !== Object.keys(asked).length) return false
  return names.every((name) => {
    if (!Object.hasOwn(asked, name)) return false
    const [all, some] = [granted[name], asked[name]]
    return narrowable.has(name) && isTexts(all) && isTexts(some) && some.length > 0
      ? some.every((one) => all.includes(one))
      : canonical(all) === canonical(some)
  })
}

/** Whether each of these details is allowed by one that was granted. */
export const areDetailsCovered = (granted: ReadonlyArray<string>, asked: ReadonlyArray<string>): boolean =>
  asked.every((text) => granted.some((one) => one === text || covers(detailOf(one), detailOf(text))))
