/**
 * What the client keeps between runs: the tokens and the registration for one server, each with the issuer it is of.
 *
 * The issuer lies beside every credential so that none is ever shown to another one. Times are absolute, so that a
 * token read back tomorrow does not live anew. Nothing here knows how or where anything is kept.
 */
import type { OAuthClientInformationFull, OAuthToken } from "../../protocol/index.ts"

/** A private key as a JWK (RFC 7518 section 6.2): as secret as the tokens that are bound to it. */
export interface ProofKey {
  readonly kty: "EC"
  readonly crv: "P-256"
  readonly x: string
  readonly y: string
  readonly d: string
}

/** Tokens, as the issuer's token endpoint answered with them. */
export interface StoredTokens {
  /** What the token endpoint answered. */
  readonly tokens: OAuthToken
  /** ms since the epoch */
  readonly expiresAt?: number
  /** Whose they are; they are shown to nobody else. */
  readonly issuer: string
  /** The private key that the tokens are bound to, if they are (RFC 9449). */
  readonly proofKey?: ProofKey
}

/** A registration, as the issuer's registration endpoint answered with it, or as it was given. */
export interface StoredClient {
  /** What the registration endpoint answered, or what was given. */
  readonly client: OAuthClientInformationFull
  /** Whose client it is. */
  readonly issuer: string
}

/** Keeps the credentials for one server. Rejects with a {@link StorageError} when what is stored cannot be used. */
export interface TokenStorage {
  /** The tokens, expired ones too: a refresh token outlives them. */
  getTokens(): Promise<StoredTokens | undefined>
  /** Stores tokens in the place of what was there. */
  setTokens(tokens: StoredTokens): Promise<void>
  /** The registration; `undefined` from the moment that its secret expires. */
  getClientInfo(): Promise<StoredClient | undefined>
  /** Stores a registration in the place of what was there. */
  setClientInfo(info: StoredClient): Promise<void>
  /** Forgets the tokens and the registration; works whatever is stored, so it is also the way out of a corrupt value. */
  clear(): Promise<void>
  /** One at a time per stored credential across processes; inside, what is stored is read again. */
  exclusively<A>(body: () => Promise<A>): Promise<A>
}
