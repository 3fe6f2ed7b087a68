/**
 * Registering clients with a provider, under an id that is asked for: once, or again when somebody has it already.
 *
 * Whether a taken id counts as given away is told here by what is kept under it, whatever was said. It never judges what
 * else the provider keeps of a client.
 */
import type { OAuthClientInformationFull } from "../../../src/provider/index.ts"
import type { OperationOf, Ref, Reply } from "../../Operation.ts"
import { mintVerifier } from "../../Secrets.ts"
import type { Dealings } from "./Dealings.ts"
import { SECOND_MILLIS } from "./Ends.ts"
import { OTHER_APP_URI, OTHER_LOOPBACK_URI } from "./Login.ts"
import { members, textsIn } from "./Members.ts"

type Client = OAuthClientInformationFull

export const registerOn = (dealings: Dealings) => {
  const { provider, ask, clock, terms, theirs, idOf, clients, registered, hasOwnUris } = dealings
  /** How often each client's id was asked for. */
  const attempts = new Map<Ref, number>()
  let refusesTaken = false
  const otherUri = terms.redirectUris === "app" ? OTHER_APP_URI : OTHER_LOOPBACK_URI

  /** `attempt`: how often the id was asked for before, by others then. */
  const informationOf = ({ client, profile }: OperationOf<"Register">, attempt: number): Client => ({
    client_id: idOf(`${client}`),
    client_id_issued_at: Math.floor(clock.now() / SECOND_MILLIS),
    client_name: attempt > 0 ? `somebody else ${attempt}` : `client ${client} of the kit`,
    redirect_uris: attempt > 0 && !hasOwnUris ? [`${otherUri}-${attempt}`] : [...new Set(registered)],
    token_endpoint_auth_method: profile.isPublic ? "none" : "client_secret_basic",
    grant_types: ["authorization_code", "refresh_token"],
    response_types: ["code"],
    ...(profile.scopes === null ? {} : { scope: theirs(profile.scopes)!.join(" ") }),
    ...(profile.isPublic ? {} : { client_secret: mintVerifier(), client_secret_expires_at: 0 }),
  })

  /**
   * A taken id counts as registered again where what is kept under it is the newcomer's, whatever was said; and where it is
   * said to be registered by who refuses taken ids when nothing else runs. A provider may mint ids of its own: it says so in
   * its answer, or in what it was given.
   */
  return async (operation: OperationOf<"Register">): Promise<Reply> => {
    const { client } = operation
    const refused: Reply = { _tag: "Refused", error: "invalid_client_metadata" }
    const before = clients.get(client)
    const attempt = attempts.get(client) ?? 0
    attempts.set(client, attempt + 1)
    const information = informationOf(operation, attempt)
    const answer: unknown = await ask("registerClient", () => provider().registerClient(information)).catch(
      (thrown: unknown) => {
        refusesTaken ||= before !== undefined
        throw thrown
      },
    )
    const minted = (Object(answer) as Partial<Client>).client_id
    const clientId = before?.client_id ?? (typeof minted === "string" ? minted : information.client_id)
    const kept = await ask("getClient", () => provider().getClient(clientId))
    if (!kept) return { _tag: "Fault", message: "getClient does not know a client that registerClient accepted" }
    const { client_name, redirect_uris } = members(kept)
    const others = textsIn(redirect_uris).filter((uri) => uri.startsWith(otherUri))
    const isOwnUri = attempt === 0 ? others.length === 0 : others.includes(`${otherUri}-${attempt}`)
    const isKept = isOwnUri || client_name === information.client_name
    // Who mints ids gives another one to each.
    const isAnother = attempt > 0 && clientId !== idOf(`${client}`) && clientId !== before?.client_id
    if (isAnother || (!isKept && (before !== undefined || !refusesTaken))) return refused
    clients.set(client, kept)
    return { _tag: "Stored", client }
  }
}
