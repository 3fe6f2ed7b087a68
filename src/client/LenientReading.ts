/**
 * What others answered, as far as it can be read.
 *
 * Servers of every make answer here. A member that nobody uses, or that one can do without, does not spoil the rest: with
 * a wrong shape, or empty, it is as good as absent. Nothing here says what is needed; who uses a member does.
 */
export type Members = Readonly<Record<string, unknown>>

/** Whether a value has the shape that is expected of it. */
export type Shape<A> = (value: unknown) => value is A

/** The shape of each member of a record, required or not. */
export type Shapes<A> = { readonly [Name in keyof A]-?: Shape<Exclude<A[Name], undefined>> }

export const isText: Shape<string> = (value) => typeof value === "string"
export const isFiniteNumber: Shape<number> = (value): value is number => Number.isFinite(value)
export const isBoolean: Shape<boolean> = (value) => typeof value === "boolean"
export const isTexts: Shape<ReadonlyArray<string>> = (value): value is ReadonlyArray<string> =>
  Array.isArray(value) && value.every(isText)

/** A record whose `required` members are there, and whose known members, where they are there, have their shapes. */
export const isRecordOf =
  <A>(shapes: Shapes<A>, required: ReadonlyArray<keyof A & string>): Shape<A> =>
  (value): value is A =>
    typeof value === "object" &&
    value !== null &&
    required.every((name) => Object.hasOwn(value, name)) &&
    Object.entries<Shape<unknown>>(shapes).every(
      ([name, hasShape]) => !Object.hasOwn(value, name) || hasShape((value as Members)[name]),
    )

/** The known members that have their shapes, and no others. */
export const readableMembers =
  <A>(shapes: Shapes<A>) =>
  (document: Members): Partial<A> =>
    Object.fromEntries(
      Object.entries<Shape<unknown>>(shapes)
        .filter(([name, hasShape]) => Object.hasOwn(document, name) && hasShape(document[name]))
        .map(([name]) => [name, document[name]]),
    ) as Partial<A>

/** A number that may be written as text; `undefined` for whatever says none. */
export const numberIn = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
  return isFiniteNumber(number) ? number : undefined
}

/** A text with something in it; spaces are nothing. */
export const textIn = (value: unknown): string | undefined => (isText(value) && value.trim() !== "" ? value : undefined)

/** Scopes, which some servers write as a list. */
export const scopeIn = (value: unknown): string | undefined => {
  if (!Array.isArray(value)) return textIn(value)
  return isTexts(value) ? textIn(value.join(" ")) : undefined
}

/** A member of this name, if it has a value. */
export const member = <const Name extends string, A>(name: Name, value: A | undefined): { readonly [_ in Name]?: A } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [_ in Name]?: A }
