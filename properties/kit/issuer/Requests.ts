/**
 * The requests of a client: authorization URLs, and forms with its credentials, right, wrong or absent on purpose.
 */
import type { Authentication } from "../../Operation.ts"
import { madeUp } from "../../Secrets.ts"
import type { WireClient } from "./Registration.ts"
import type { WireRequest } from "./Wire.ts"

export type Pair = readonly [name: string, value: string]

/** `url` with `pairs` in its query, behind what it has already. */
export const withQuery = (url: string, pairs: ReadonlyArray<Pair>): string => {
  const query = new URLSearchParams(pairs.map(([name, value]) => [name, value])).toString()
  return `${url}${url.includes("?") ? "&" : "?"}${query}`
}

/** RFC 6749 2.3.1: both parts form-encoded before they are put together. */
export const basic = (clientId: string, secret: string): string => {
  const encoded = (text: string) => new URLSearchParams([["", text]]).toString().slice(1)
  return `Basic ${Buffer.from(`${encoded(clientId)}:${encoded(secret)}`).toString("base64")}`
}

/** What of a request says who sends it. */
export const credentialsOf = (
  { clientId, secret, method, isNamedInBody = false, isSecretInBody = false }: WireClient,
  authentication: Authentication,
): { readonly headers: Readonly<Record<string, string>>; readonly form: ReadonlyArray<Pair> } => {
  const shown = authentication === "wrong" ? madeUp() : authentication === "right" ? secret : undefined
  if (shown === undefined) return { headers: {}, form: [["client_id", clientId]] }
  return method === "client_secret_basic" && !isSecretInBody
    ? { headers: { authorization: basic(clientId, shown) }, form: isNamedInBody ? [["client_id", clientId]] : [] }
    : {
        headers: {},
        form: [
          ["client_id", clientId],
          ["client_secret", shown],
        ],
      }
}

export const formRequest = (
  url: string,
  client: WireClient,
  form: ReadonlyArray<Pair>,
  authentication: Authentication = "right",
): WireRequest => {
  const credentials = credentialsOf(client, authentication)
  return { method: "POST", url, headers: credentials.headers, form: [...credentials.form, ...form] }
}
