/**
 * Asking an authorization endpoint whether it knows the client, before a browser is opened on a page of errors.
 *
 * The question is a request that no server can approve: it names client and redirect URI and leaves out response type
 * and challenge, so even a server that asks nobody mints no code for it. Whoever sends the browser back, or shows a
 * page that leads back, knows the client; a bare 400 or 401 does not.
 */
import { generateRandomState } from "oauth4webapi"
import { ClientNotFoundError } from "../ClientError.ts"
import { requestSignal, type Fetch } from "../Outbound.ts"
import { bodyText, discard } from "../ResponseBody.ts"
import { quoted } from "../ForeignText.ts"

/** Throws a {@link ClientNotFoundError} if the server says so; whatever else goes wrong is for the browser to show. */
export const checkClientIsKnown = async (fetch: Fetch, authorizationUrl: string): Promise<void> => {
  // Who took a pushed request of the client knows it, and may open the reference once.
  if (new URL(authorizationUrl).searchParams.has("request_uri")) return
  const { question, state, clientId } = questionOf(authorizationUrl)
  const response = await fetch(question, { redirect: "manual", signal: requestSignal() }).catch(() => undefined)
  if (response === undefined) return
  if (response.status !== 400 && response.status !== 401) return discard(response)
  const text = await bodyText(response).catch(() => undefined)
  if (text?.includes(state) === true) return
  const message = `the server does not know the client ${quoted(clientId)} with this redirect URI: it has to register anew`
  throw new ClientNotFoundError({ code: "client_not_found", message })
}

const questionOf = (authorizationUrl: string) => {
  const url = new URL(authorizationUrl)
  const state = generateRandomState()
  const clientId = url.searchParams.get("client_id") ?? ""
  const sent = new URLSearchParams(url.search)
  // Only what an endpoint may carry in its own query stays, besides who asks and where the answer would go.
  for (const name of PARAMETERS) sent.delete(name)
  sent.set("state", state)
  url.search = sent.toString()
  return { question: url.href, state, clientId }
}

const PARAMETERS = ["response_type", "code_challenge", "code_challenge_method", "scope", "resource", "prompt"]
