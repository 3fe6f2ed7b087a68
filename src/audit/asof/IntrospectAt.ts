/**
 * RFC 7662's answer as of a moment, and the reason for it.
 *
 * It is what the server would have answered at that moment to the client that the token belongs to. A token names its
 * grant, and is hashed at once. A token that was issued later counts as never issued.
 */
import { hash } from "node:crypto"
import * as Effect from "effect/Effect"
import { introspectionOf, loginOf, type Event } from "../../core/index.ts"
import type { StoreFault } from "../../log/index.ts"
import type { ProjectedLog } from "../../projection/index.ts"
import { inactive, type Introspection } from "../../protocol/index.ts"
import { askedDigest } from "./AskedDigest.ts"
import { checkJwt, isCredible, readPresentedJwt, type JwtChecked, type PresentedJwt } from "./PresentedJwt.ts"
import { statesAt, type StateAt } from "./StateAt.ts"
import type { Moment } from "./Moment.ts"
import { standingOfToken, type Standing } from "./Standing.ts"

/** What introspection (RFC 7662 section 2.2) would have answered, and why. */
export interface IntrospectedAt {
  /** What introspection would have answered (RFC 7662 section 2.2). */
  readonly answer: Introspection
  /** `undefined` for what was never issued here, or not by then. */
  readonly standing: Standing | undefined
  /** Of a JWT that names a token of the log: what was checked of it. Absent for anything else. */
  readonly jwt?: JwtChecked
}

/** SHA-256, base64url: all that is known of a secret from here on. */
export const secretDigest = (secret: string): string => hash("sha256", secret, "base64url")

const OUR_TOKEN = /^gl[arcd]_([0-9A-Za-z]{22})/

/** The grant that a code or token of ours names, right or wrong. */
export const grantNamedBy = (token: string): string | undefined => OUR_TOKEN.exec(token)?.[1]

/**
 * What introspection (RFC 7662) would have answered about a token as of a moment. The token is hashed at once. Of a JWT it
 * is the answer about the token that it names, if it says what the log says and nothing shows that it was not signed here;
 * `presented`: the JWT with its signature checked.
 */
export const introspectAt = Effect.fnUntraced(function* (
  log: ProjectedLog,
  token: string,
  moment: Moment,
  presented: PresentedJwt | undefined = readPresentedJwt(token),
): Effect.fn.Return<IntrospectedAt, StoreFault> {
  const { grantId, digest } = presented?.named ?? { grantId: grantNamedBy(token), digest: secretDigest(token) }
  const stateAt = grantId === undefined ? undefined : yield* statesAt(log, moment)({ grantId, digest })
  const event = stateAt?.entries.grant.find((entry) => askedDigest(entry.event) === digest)?.event
  if (stateAt === undefined || event === undefined) return { answer: inactive, standing: undefined }
  const standing = standingOfToken(stateAt, digest)
  const jwt = presented === undefined ? undefined : checkJwt(stateAt, event, presented)
  const isRefused = jwt !== undefined && (!isCredible(jwt) || jwt.signature === "by a compromised key")
  const answer = standing.status === "alive" && !isRefused ? answerOf(stateAt, event) : inactive
  return { answer, standing, ...(jwt === undefined ? {} : { jwt }) }
})

/** What is said of a token that is alive; a code is none. */
const answerOf = ({ state: { issuer }, opened }: StateAt, event: Event): Introspection => {
  if (opened === undefined || issuer._tag !== "Initialized") return inactive
  switch (event._tag) {
    case "AccessTokenIssued":
      return introspectionOf("access", issuer.issuer, { ...opened, login: loginOf(opened.basis) }, event)
    case "RefreshTokenIssued":
    case "RefreshTokenRotated": {
      const issuedAt = event._tag === "RefreshTokenIssued" ? event.issuedAt : event.rotatedAt
      return introspectionOf("refresh", issuer.issuer, opened, { ...opened, issuedAt, expiresAt: event.expiresAt })
    }
    default:
      return inactive
  }
}
