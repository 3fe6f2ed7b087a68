/**
 * What an endpoint answers that speaks in JSON and refuses as a token endpoint does (RFC 6749 5.2): the members of the
 * answer, or an error that says what becomes of what is stored.
 */
import { errorIn, isFault } from "../ErrorResponse.ts"
import { textIn, type Members } from "../LenientReading.ts"
import { bodyText, jsonIn, membersOf } from "../ResponseBody.ts"
import type { StoredClient } from "../storage/TokenStorage.ts"
import { refused, unreachable } from "./TokenFault.ts"

export interface Asked {
  /** As people are told it. */
  readonly endpoint: string
  readonly client: StoredClient["client"]
  /** The member of the answer that nobody is shown. */
  readonly secretMember?: string
}

/** The members of the answer; none where it is something else than an object. Throws a `TokenError`. */
export const answerOf = async (
  { endpoint, client, secretMember = "" }: Asked,
  sent: Promise<Response>,
): Promise<Members> => {
  const lost = (cause: unknown) => {
    throw unreachable(endpoint, cause)
  }
  const response = await sent.catch(lost)
  const text = (await bodyText(response).catch(lost)) ?? ""
  const value = jsonIn(text) ?? text
  const members = membersOf(value)
  if (response.ok && !isFault(members)) return members
  const secrets = [client.client_secret, textIn(members[secretMember])].filter((one) => one !== undefined)
  throw refused(endpoint, response, errorIn(value), secrets)
}
