/**
 * Getting a public document, along at most three redirects that stay on TLS or loopback.
 *
 * The only request of the client that follows a redirect: it carries no secret.
 */
import { requestSignal, type Fetch } from "../Outbound.ts"
import { discard } from "../ResponseBody.ts"
import { isSecure } from "../SecureUrl.ts"

const MAX_HOPS = 3

/** The answer at the end of the redirects; an error response where they lead to where nothing may be asked. */
export const getPublic = async (fetch: Fetch, address: string, accept = "application/json"): Promise<Response> => {
  const signal = requestSignal()
  const hop = async (url: string, left: number): Promise<Response> => {
    const response = await fetch(url, { headers: { accept }, redirect: "manual", signal })
    const location = response.headers.get("location")
    if (response.status < 300 || response.status >= 400 || location === null) return response
    await discard(response)
    const next = URL.parse(location, url)
    if (next === null || !isSecure(next) || left === 0) return Response.error()
    return hop(next.href, left - 1)
  }
  return hop(address, MAX_HOPS)
}
