/**
 * A metadata document from one well-known location, or what was wrong there.
 *
 * Servers and proxies answer for paths that they do not know with whatever they like, so nothing that is wrong in one
 * place ends a search. What it means for the search is told apart: only a 404 says that there is no document.
 */
import { refusalIn } from "../../outbound/index.ts"
import type { DiscoveryErrorCode } from "../ClientError.ts"
import type { Fetch } from "../Outbound.ts"
import { discard, jsonObject } from "../ResponseBody.ts"
import { getPublic } from "./PublicRequest.ts"
import type { Members } from "../LenientReading.ts"

/** What was wrong in one place. */
export interface Fault {
  readonly place: string
  /** What is wrong, as it goes on behind the name of the place: "answered with 502". */
  readonly what: string
  readonly code: DiscoveryErrorCode
  /**
   * - `absent`: there is no document, says the server.
   * - `bare`: the server answered, with something else.
   * - `broken`: nothing can be told, as in an outage, or what was found is wrong.
   */
  readonly kind: "absent" | "bare" | "broken"
  readonly cause?: unknown
}

export type Finding = { readonly document: Members } | Fault

/** Looks for a document in one place. */
export const fetchDocument = async (fetch: Fetch, place: string): Promise<Finding> => {
  try {
    const response = await getPublic(fetch, place)
    return await documentIn(response, place)
  } catch (cause) {
    const refused = refusalIn(cause)
    if (refused === undefined) return broken(place, isLate(cause) ? LATE : "cannot be reached", cause)
    return { place, what: `was not asked: ${refused.message}`, code: "endpoint_insecure", kind: "broken", cause }
  }
}

const documentIn = async (response: Response, place: string): Promise<Finding> => {
  const { status } = response
  if (response.ok && status !== 204) {
    try {
      const document = await jsonObject(response)
      return document === undefined ? bare(place, "is no object in JSON") : { document }
    } catch (cause) {
      return broken(place, isLate(cause) ? LATE : "ended in the middle", cause)
    }
  }
  await discard(response)
  const what = `answered with ${status}`
  if (status === 404 || status === 410) return { place, what, code: "metadata_not_found", kind: "absent" }
  if (status >= 500 || PASSING.has(status)) return broken(place, what)
  return bare(place, response.type === "error" ? "leads to where nothing is looked for" : what)
}

/** Not now, says the server, whatever it would say at another time. */
const PASSING: ReadonlySet<number> = new Set([408, 425, 429])

const bare = (place: string, what: string): Fault => ({ place, what, code: "metadata_not_found", kind: "bare" })

const broken = (place: string, what: string, cause?: unknown): Fault => ({
  place,
  what,
  code: "server_unavailable",
  kind: "broken",
  ...(cause === undefined ? {} : { cause }),
})

/** What is wrong where a host kept everybody waiting. */
export const LATE = "did not answer in time"

const isLate = (cause: unknown): boolean => cause instanceof Error && cause.name === "TimeoutError"
