/**
 * A metadata document from a well-known location.
 *
 * A 404 says that it is somewhere else, so the search goes on; a 5xx says nothing at all, so the search ends: whoever
 * went on could be led to a weaker document by breaking the better one.
 */
import { refusalIn } from "../outbound/index.ts"
import { DiscoveryError } from "./ClientError.ts"
import { discard, getPublic, jsonObject, type Fetch } from "./Outbound.ts"

/** The document; `undefined` when there is none here. Throws when that cannot be told now. */
export const fetchDocument = async (
  fetch: Fetch,
  url: string,
): Promise<Readonly<Record<string, unknown>> | undefined> => {
  const response = await getPublic(fetch, url).catch((cause: unknown) => {
    const refused = refusalIn(cause)
    if (refused !== undefined) throw new DiscoveryError({ code: "endpoint_insecure", message: refused.message, cause })
    throw unavailable(`\`${url}\` cannot be reached: check the address and the network, then try again`, cause)
  })
  if (response.status >= 500 || response.status === 429) {
    await discard(response)
    throw unavailable(`\`${url}\` answered with ${response.status}: try again later`)
  }
  if (response.status === 200) {
    return jsonObject(response).catch((cause: unknown) => {
      throw unavailable(`the answer of \`${url}\` ended in the middle: try again later`, cause)
    })
  }
  await discard(response)
  return undefined
}

const unavailable = (message: string, cause?: unknown): DiscoveryError =>
  new DiscoveryError({ code: "server_unavailable", message, ...(cause === undefined ? {} : { cause }) })
