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
  liveRandomness,
  mintClientId,
  mintClientSecret,
  mintGrantId,
  mintSubjectId,
  mintToken,
  mintUserCode,
  parseToken,
} from "../../../src/provider/index.ts"
import { grantOf } from "./http/Jwts.ts"
import { clientJwk } from "./Signing.ts"

const newGrantId = () => mintGrantId(liveRandomness, Date.now() as EpochMillis)

/** What is made up names the grant that was heard of last, and a refresh token the place of a real one. */
const mintBeside = (holder: Holder, kind: "code" | "access" | "refresh"): string => {
  const count = holder.countOf("refresh")
  const real = count === 0 ? undefined : parseToken(holder.textOf("refresh", count - 1))
  return mintToken(liveRandomness, kind, real?.grantId ?? newGrantId(), kind === "refresh" ? real?.afterVersion : null)
}

const mintFor =
  (holder: () => Holder): Mint =>
  (kind) => {
    switch (kind) {
      case "client":
        return mintClientId(liveRandomness)
      case "secret":
        return mintClientSecret(liveRandomness)
      case "subject":
        return mintSubjectId(liveRandomness)
      case "grant":
        return newGrantId()
      case "verifier":
        return mintVerifier()
      case "userCode":
        return mintUserCode(liveRandomness)
      case "redirectUri":
        return LOOPBACK_URI
      case "jwk":
        return clientJwk
      case "assertion":
      case "invitation":
        return mintVerifier()
      case "pushed":
        return `urn:ietf:params:oauth:request_uri:${mintVerifier()}`
      default:
        return mintBeside(holder(), kind)
    }
  }

export const newServerHolder = (): Holder => {
  const holder: Holder = newHolder(mintFor(() => holder))
  return holder
}

/** A client's token of its own opens a grant, which nobody else gives a number to. */
export const countGrant = (holder: Holder, reply: Reply): Reply => {
  if (reply._tag === "Tokens") holder.numberOf("grant", grantOf(holder.textOf("access", reply.access)))
  return reply
}
