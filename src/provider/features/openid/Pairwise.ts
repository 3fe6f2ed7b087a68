/**
 * Who somebody is to a client: the same for all that have no other wish, or an id that clients of other sites do not know
 * (OpenID Connect Core 8).
 *
 * The id is a MAC over site and subject, under a key that is made from the ring for this alone. So nobody can tell two
 * ids of one person from those of two, and nothing has to be kept. It lasts as long as the site of the client does.
 */
import { createHmac } from "node:crypto"
import type { OAuthClientMetadata } from "../../Records.ts"
import type { ServerContext } from "../FeatureContext.ts"

/** The site that a client belongs to: the one host of its redirect URIs; `undefined` where they have several, or none. */
const sectorOf = ({ redirect_uris: uris }: Pick<OAuthClientMetadata, "redirect_uris">): string | undefined => {
  const [sector, ...others] = new Set(uris.map((uri) => (URL.canParse(uri) ? new URL(uri).host : "")))
  return others.length === 0 && sector !== "" ? sector : undefined
}

/** Why a client cannot be registered, in a sentence. */
//= OIDC-8.1-sector
export const sectorFault = (metadata: OAuthClientMetadata): string | undefined =>
  metadata.subject_type === "pairwise" && sectorOf(metadata) === undefined
    ? "subject_type pairwise needs redirect URIs of one host: a sector_identifier_uri is not read here"
    : undefined

//= OIDC-8.1-pairwise
export const subjectFor = async (
  clientId: string,
  subjectId: string,
  { client, secrets }: ServerContext,
): Promise<string> => {
  const metadata = await client(clientId)
  if (metadata?.subject_type !== "pairwise") return subjectId
  // INVARIANT: the last one stays the same: that of the oldest key, which a rotation of the ring keeps for this alone.
  const key = secrets("pairwise subject").at(-1)!
  return createHmac("sha256", key)
    .update(`${sectorOf(metadata)}\0${subjectId}`)
    .digest("base64url")
}
