/** Reading what a server answers: in bounded size, and as JSON or not at all. */
import { boundedText } from "../protocol/index.ts"

const MAX_BODY_BYTES = 512 * 1024

/** The text of a body, `undefined` for one that is longer than any answer to a client is. */
export const bodyText = ({ body }: Response): Promise<string | undefined> => boundedText(body, MAX_BODY_BYTES)

/** The value that a text is in JSON; `undefined` for one that is none. */
export const jsonIn = (text: string): unknown => {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}

/** The members of what is an object in JSON, without those that are `null` (some servers write absent ones so). */
export const membersOf = (value: unknown): Readonly<Record<string, unknown>> =>
  isObject(value) ? Object.fromEntries(Object.entries(value).filter(([, member]) => member !== null)) : {}

const isObject = (value: unknown): value is object =>
  typeof value === "object" && value !== null && !Array.isArray(value)

/** The members of the object in a body; `undefined` where there is none. */
export const jsonObject = async (response: Response): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const value = jsonIn((await bodyText(response)) ?? "")
  return isObject(value) ? membersOf(value) : undefined
}

/** Lets go of a body that nobody reads. */
export const discard = async (response: Response): Promise<void> => {
  await response.body?.cancel().catch(() => undefined)
}
