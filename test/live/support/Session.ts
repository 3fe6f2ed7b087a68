/**
 * One login as its client sees it: what was acknowledged, and what was asked and never answered.
 *
 * Only a reply that was read to its end counts as acknowledged. A reply that contradicts an earlier one is an objection.
 */
import { hash } from "node:crypto"
import { authorize, introspect, redeem, refresh, revoke, type Client, type Reply, type Tokens } from "./Wire.ts"

/** What a client asked for last without getting an answer. */
export type Lost =
  | { readonly _tag: "Refresh" }
  | { readonly _tag: "RevokeAccess"; readonly token: string }
  | { readonly _tag: "RevokeGrant" }

export interface Session {
  readonly client: Client
  /** The refresh token to present next. */
  refreshToken: string
  /** Acknowledged and not revoked by an acknowledged request. */
  readonly access: Set<string>
  /** Access tokens whose revocation was acknowledged. */
  readonly revokedAccess: Set<string>
  isRevoked: boolean
  lost: Lost | undefined
}

export const digestOf = (token: string): string => hash("sha256", token, "base64url")

/** Rejects with `Unanswered` when the connection ended before the reply did. */
export class Unanswered extends Error {}

const answered = async <Body>(reply: Promise<Reply<Body>>): Promise<Reply<Body>> =>
  reply.catch((cause: unknown) => {
    throw new Unanswered("no answer", { cause })
  })

const expectOk = <Body>(what: string, { status, body }: Reply<Body>): Body => {
  if (status !== 200) throw new Error(`${what} was answered with ${status} ${JSON.stringify(body)}`)
  return body
}

/** A new login; a code or reply that is lost on the way leaves nothing that anybody holds. */
export const openSession = async (url: string, client: Client, resource: string): Promise<Session> => {
  const authorized = await authorize(url, client, { resource }).catch((cause: unknown) => {
    throw new Unanswered("no answer", { cause })
  })
  const tokens = expectOk("a redemption", await answered(redeem(url, client, authorized)))
  return {
    client,
    refreshToken: tokens.refresh_token,
    access: new Set([tokens.access_token]),
    revokedAccess: new Set(),
    isRevoked: false,
    lost: undefined,
  }
}

const acknowledge = (session: Session, replies: ReadonlyArray<Tokens>): void => {
  const [first, ...others] = replies
  for (const other of others) {
    if (other.refresh_token === first!.refresh_token && other.access_token === first!.access_token) continue
    throw new Error("one refresh token got two successors")
  }
  session.refreshToken = first!.refresh_token
  session.access.add(first!.access_token)
}

/** Refreshes, `copyCount` times at once with the same token: a client that is impatient. */
export const refreshSession = async (url: string, session: Session, copyCount = 1): Promise<void> => {
  session.lost = { _tag: "Refresh" }
  const { client, refreshToken } = session
  const copies = Array.from({ length: copyCount }, () => answered(refresh(url, client, refreshToken)))
  const settled = await Promise.allSettled(copies)
  const replies = settled.flatMap((one) => (one.status === "fulfilled" ? [expectOk("a refresh", one.value)] : []))
  if (replies.length === 0) throw new Unanswered("no answer")
  acknowledge(session, replies)
  session.lost = undefined
}

/** Ends one access token. */
export const revokeAccess = async (url: string, session: Session, token: string): Promise<void> => {
  session.lost = { _tag: "RevokeAccess", token }
  // From here on nobody can say whether it is alive, until somebody is told.
  session.access.delete(token)
  expectOk("a revocation", await answered(revoke(url, session.client, token)))
  session.revokedAccess.add(token)
  session.lost = undefined
}

/** Ends the whole grant. */
export const revokeSession = async (url: string, session: Session): Promise<void> => {
  session.lost = { _tag: "RevokeGrant" }
  expectOk("a revocation", await answered(revoke(url, session.client, session.refreshToken)))
  session.isRevoked = true
  session.lost = undefined
}

/** Asks again for what was never answered; `committed` is the digest of the successor that the log has, if it has one. */
export const resumeSession = async (url: string, session: Session, committed: string | undefined): Promise<void> => {
  const { lost } = session
  if (lost?._tag === "RevokeAccess") await revokeAccess(url, session, lost.token)
  if (lost?._tag === "RevokeGrant") await revokeSession(url, session)
  if (lost?._tag !== "Refresh") return
  await refreshSession(url, session)
  if (committed !== undefined && digestOf(session.refreshToken) !== committed) {
    throw new Error("a retry did not get the successor that had been committed")
  }
}

/** Everything that was acknowledged, held against what the server answers now. */
export const objectionsOf = async (
  url: string,
  { client, refreshToken, access, revokedAccess, isRevoked }: Session,
  resourceServer: Client,
): Promise<ReadonlyArray<string>> => {
  const isActive = async (token: string) => (await introspect(url, resourceServer, token)).body.active
  const objections: Array<string> = []
  for (const token of access) {
    if ((await isActive(token)) === isRevoked) {
      objections.push(isRevoked ? "an access token of a revoked grant is active" : "an acknowledged token is inactive")
    }
  }
  for (const token of revokedAccess) if (await isActive(token)) objections.push("a revoked access token is active")
  if (isRevoked) {
    const { status, body } = await refresh(url, client, refreshToken)
    if (status !== 400 || body.error !== "invalid_grant") objections.push("a revoked grant was refreshed")
  }
  return objections
}
