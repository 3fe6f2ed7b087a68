/** Asking a server, without any credentials, whether it wants some. */
import { bearerChallenge, type Challenge } from "./Challenge.ts"
import { discard, REQUEST_TIMEOUT_MILLIS, type Fetch } from "./Outbound.ts"

const ask = (fetch: Fetch, mcpUrl: string): Promise<Response> =>
  fetch(mcpUrl, {
    headers: { accept: "application/json, text/event-stream" },
    signal: AbortSignal.timeout(REQUEST_TIMEOUT_MILLIS),
  })

/** True on 401, 403 or any challenge, and when nobody can be asked; a login finds out more. */
export const checkIfAuthRequired = async (
  mcpUrl: string,
  fetch: Fetch = (input, init) => globalThis.fetch(input, init),
): Promise<boolean> => {
  const response = await ask(fetch, mcpUrl).catch(() => undefined)
  if (response === undefined) return true
  await discard(response)
  return response.status === 401 || response.status === 403 || response.headers.has("www-authenticate")
}

/** The challenge that a server answers a bare request with, where it does. */
export const askForChallenge = async (fetch: Fetch, mcpUrl: string): Promise<Challenge | undefined> => {
  const response = await ask(fetch, mcpUrl).catch(() => undefined)
  if (response === undefined) return undefined
  await discard(response)
  return bearerChallenge(response.headers.get("www-authenticate"))
}
