/**
 * What whoever tries the server has in hands: ids, secrets and what was never handed out in the server's own form.
 *
 * One for each sequence, so that many can run on one server without meeting.
 */
import type { EpochMillis } from "../../../src/core/index.ts"
import { newHolder, type Holder, type Mint } from "../../../properties/Holder.ts"
import { LOOPBACK_URI } from "../../../properties/machine/Names.ts"
import type { Reply } from "../../../properties/Operation.ts"
import { mintVerifier } from "../../../properties/Secrets.ts"
import {
  liveSecrets,
  mintClientId,
  mintClientSecret,
  mintGrantId,
  mintSubjectId,
  mintToken,
  parseToken,
} from "../../../src/provider/index.ts"

const mint: Mint = (kind) => {
  const grantId = () => mintGrantId(liveSecrets, Date.now() as EpochMillis)
  switch (kind) {
    case "client":
      return mintClientId(liveSecrets)
    case "secret":
      return mintClientSecret(liveSecrets)
    case "subject":
      return mintSubjectId(liveSecrets)
    case "grant":
      return grantId()
    case "verifier":
      return mintVerifier()
    case "redirectUri":
      return LOOPBACK_URI
    default:
      return mintToken(liveSecrets, kind, grantId())
  }
}

export const newServerHolder = (): Holder => newHolder(mint)

/** A client's token of its own opens a grant, which nobody else gives a number to. */
export const countGrant = (holder: Holder, reply: Reply): Reply => {
  if (reply._tag === "Tokens") holder.numberOf("grant", parseToken(holder.textOf("access", reply.access))!.grantId)
  return reply
}
