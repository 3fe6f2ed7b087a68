/** Asking a server, without any credentials, whether it wants some. */
import { bearerChallenge, dpopChallenge, type Challenge } from "../../protocol/index.ts"
import { guardedFetch, makeGuard, type Fetch } from "../../outbound/index.ts"
import { discard } from "../ResponseBody.ts"
import { getPublic } from "./PublicRequest.ts"

const ask = (fetch: Fetch, mcpUrl: string): Promise<Response> =>
  getPublic(fetch, mcpUrl, "application/json, text/event-stream")

/** True on 401, 403 or any challenge, and when nobody can be asked; a login finds out more. */
export const checkIfAuthRequired = async (
  mcpUrl: string,
  fetch: Fetch = guardedFetch(makeGuard({ target: new URL(mcpUrl) })),
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
  const header = response.headers.get("www-authenticate")
  return bearerChallenge(header) ?? dpopChallenge(header)
}
