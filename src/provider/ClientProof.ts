/**
 * What credentials prove of a client: facts for the core, which judges whether they are enough.
 *
 * Secrets are compared as digests, in constant time, whether there is such a client or not.
 */
import { timingSafeEqual } from "node:crypto"
import {
  isAuthenticated,
  isPublic,
  type Authentication,
  type Client,
  type ClientSecret,
  type EpochMillis,
  type RegisteredClient,
} from "../core/index.ts"
import { digestOf } from "./Token.ts"
import type { Credentials } from "./TokenRequests.ts"

/** What the credentials prove about `client`: compared as digests, in constant time. */
export const authenticationOf = (client: Client, credentials: Credentials): Authentication => {
  const { clientSecret } = credentials
  if (credentials.hasFailed) return "failed"
  if (credentials.isAuthenticated) return client._tag === "Registered" && isPublic(client) ? "none" : "verified"
  if (clientSecret === undefined) return "none"
  const { secret, replacedSecret } = client._tag === "Registered" ? client : nobody
  const given = Buffer.from(digestOf(clientSecret))
  const isOf = (stored: ClientSecret | null | undefined): boolean =>
    timingSafeEqual(given, Buffer.from((stored?.digest ?? "").padEnd(given.length)))
  if (isOf(secret)) return "verified"
  return isOf(replacedSecret) ? "superseded" : "failed"
}

const nobody: Pick<RegisteredClient, "secret" | "replacedSecret"> = { secret: null }

/** What was used up to prove these credentials: a condition of whatever is done with them. */
export const usedBy = ({ claims }: Credentials) => (claims === undefined ? undefined : { claims })

/** The confidential client that these credentials prove to be, disabled or not. */
export const provenClient = (
  client: Client,
  credentials: Credentials,
  now: EpochMillis,
): RegisteredClient | undefined =>
  client._tag === "Registered" &&
  !isPublic(client) &&
  isAuthenticated(client, authenticationOf(client, credentials), now)
    ? client
    : undefined
