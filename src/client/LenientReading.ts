/**
 * Members of what a server answered, as far as they can be read.
 *
 * Servers of every make answer here. A member that nobody uses, or that one can do without, does not spoil the rest: with
 * a wrong shape, or empty, it is as good as absent. Nothing here says what is needed; who uses a member does.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

export type Members = Readonly<Record<string, unknown>>

type Fields = Readonly<Record<string, Schema.ConstraintDecoder<unknown>>>

/** The members of these names that have the shape they are to have. */
export const readableMembers = (fields: Fields): ((document: Members) => Members) => {
  const decoders = Object.entries(fields).map(([name, field]) => {
    const decode = Schema.decodeUnknownResult(Schema.Struct({ [name]: field }))
    return [name, (value: unknown) => Result.isSuccess(decode({ [name]: value }))] as const
  })
  return (document) =>
    Object.fromEntries(
      decoders
        .filter(([name, isReadable]) => Object.hasOwn(document, name) && isReadable(document[name]))
        .map(([name]) => [name, document[name]]),
    )
}

/** A number that may be written as text; `undefined` for whatever says none. */
export const numberIn = (value: unknown): number | undefined => {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value
  return typeof number === "number" && Number.isFinite(number) ? number : undefined
}

/** A text with something in it; spaces are nothing. */
export const textIn = (value: unknown): string | undefined =>
  typeof value === "string" && value.trim() !== "" ? value : undefined

/** Scopes, which some servers write as a list. */
export const scopeIn = (value: unknown): string | undefined => {
  if (!Array.isArray(value)) return textIn(value)
  return value.every((one) => typeof one === "string") ? textIn(value.join(" ")) : undefined
}

/** A member of this name, if it has a value. */
export const member = <const Name extends string, A>(name: Name, value: A | undefined): { readonly [_ in Name]?: A } =>
  (value === undefined ? {} : { [name]: value }) as { readonly [_ in Name]?: A }
