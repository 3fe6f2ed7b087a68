/** A client that pushes its authorization requests (RFC 9126), and the way that a browser opens one. */
import { basic, challengeOf, formOf, type Answer, type App, type WireClient } from "./WireClient.ts"

export const PUSHED_VERIFIER = "v".repeat(43)

type Asked = Readonly<Record<string, string | ReadonlyArray<string> | undefined>>

/** The parameters of a request that nothing is wrong with. */
export const rightRequest = (app: Pick<App, "redirectUri">): Asked => ({
  response_type: "code",
  redirect_uri: app.redirectUri,
  code_challenge: challengeOf(PUSHED_VERIFIER),
  code_challenge_method: "S256",
})

/** Pushes a request, as the client that it is registered as. */
export const push = (
  wire: Pick<WireClient, "post">,
  app: App,
  asked: Asked = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<Answer> => {
  const { clientId, clientSecret = "", method } = app
  const proof = method === "client_secret_basic" ? basic(clientId, clientSecret) : {}
  const secret = method === "client_secret_post" ? { client_secret: clientSecret } : {}
  const form = { client_id: clientId, ...rightRequest(app), ...secret, ...asked }
  return wire.post("/par", form, { ...proof, ...headers })
}

/** The reference of a request that was accepted. */
export const pushed = async (
  wire: Pick<WireClient, "post">,
  app: App,
  asked: Asked = {},
  headers: Readonly<Record<string, string>> = {},
): Promise<string> => {
  const { status, body, text } = await push(wire, app, asked, headers)
  if (status !== 201) throw new Error(`not pushed: ${status} ${text}`)
  return body["request_uri"] as string
}

/** Where a browser is sent with a reference. */
export const openUrl = (clientId: string, requestUri: string, more: Asked = {}): string =>
  `/authorize?${formOf({ client_id: clientId, request_uri: requestUri, ...more })}`
