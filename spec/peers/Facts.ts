/**
 * What each peer offers, by feature, in the order of {@link peerOrder}: what the last column of `spec/FEATURES.md` says.
 *
 * A feature that this server has takes the fact of its key; a fact that no feature takes is one that it lacks, and is
 * listed as such. Only what was read counts: a peer may have what its documentation does not name.
 */
import type { Answer, PeerId } from "./Peers.ts"

export interface Fact {
  readonly title: string
  /** The document that describes it. */
  readonly document: string
  readonly peers: readonly [Answer, Answer, Answer, Answer, Answer]
}

/** Whose answer stands where. */
export const peerOrder = [
  "oidc-provider",
  "better-auth",
  "hydra",
  "keycloak",
  "workers",
] as const satisfies ReadonlyArray<PeerId>

export const facts = {
  code: { title: "authorization code with PKCE", document: "OAuth 2.1 4.1", peers: ["on", "on", "on", "yes", "on"] },
  refresh: { title: "refresh tokens", document: "OAuth 2.1 4.3", peers: ["on", "on", "on", "yes", "on"] },
  "client-credentials": {
    title: "client credentials",
    document: "OAuth 2.1 4.2",
    peers: ["option", "on", "on", "yes", "–"],
  },
  none: { title: "public clients", document: "OAuth 2.1 2.4", peers: ["on", "on", "on", "yes", "on"] },
  basic: { title: "a secret by HTTP Basic", document: "OAuth 2.1 2.4.1", peers: ["on", "on", "on", "yes", "on"] },
  post: { title: "a secret in the form", document: "OAuth 2.1 2.4.1", peers: ["on", "on", "on", "yes", "on"] },
  opaque: { title: "opaque access tokens", document: "OAuth 2.1 1.4", peers: ["on", "on", "on", "–", "on"] },
  query: {
    title: "requests and answers in the query",
    document: "OAuth 2.1 4.1.1",
    peers: ["on", "on", "on", "yes", "on"],
  },
  registration: {
    title: "clients that register themselves",
    document: "RFC 7591",
    peers: ["option", "option", "option", "yes", "option"],
  },
  introspection: { title: "introspection", document: "RFC 7662", peers: ["option", "on", "on", "yes", "–"] },
  revocation: { title: "revocation", document: "RFC 7009", peers: ["option", "on", "on", "yes", "on"] },
  metadata: { title: "metadata", document: "RFC 8414", peers: ["on", "on", "on", "yes", "on"] },
  iss: { title: "the issuer in every answer", document: "RFC 9207", peers: ["on", "on", "–", "yes", "on"] },
  resource: {
    title: "tokens for the resource that was asked for",
    document: "RFC 8707",
    peers: ["on", "on", "–", "–", "on"],
  },
  cimd: {
    title: "clients described by a document",
    document: "draft-ietf-oauth-client-id-metadata-document",
    peers: ["preview", "option", "–", "preview", "option"],
  },
  "jwt-access-tokens": {
    title: "JWT access tokens",
    document: "RFC 9068",
    peers: ["option", "on", "option", "yes", "–"],
  },
  "signed-introspection": {
    title: "signed introspection answers",
    document: "RFC 9701",
    peers: ["option", "–", "–", "–", "–"],
  },
  "private-key-jwt": {
    title: "clients that sign an assertion",
    document: "RFC 7523, RFC 10070",
    peers: ["on", "on", "on", "yes", "–"],
  },
  dpop: { title: "tokens bound to a key (DPoP)", document: "RFC 9449", peers: ["on", "on", "–", "yes", "–"] },
  par: { title: "pushed requests (PAR)", document: "RFC 9126", peers: ["on", "–", "–", "yes", "–"] },
  jar: { title: "signed requests (JAR)", document: "RFC 9101", peers: ["option", "–", "partly", "yes", "–"] },
  jarm: { title: "signed answers (JARM)", document: "JARM", peers: ["option", "–", "–", "yes", "–"] },
  "form-post": {
    title: "answers that the browser posts",
    document: "OAuth 2.0 Form Post Response Mode",
    peers: ["on", "–", "yes", "yes", "–"],
  },
  rar: { title: "rich authorization requests", document: "RFC 9396", peers: ["option", "–", "–", "–", "–"] },
  "registration-management": {
    title: "registrations that are managed",
    document: "RFC 7592",
    peers: ["option", "–", "option", "yes", "–"],
  },
  device: { title: "device grant", document: "RFC 8628", peers: ["option", "option", "yes", "yes", "–"] },
  "token-exchange": { title: "token exchange", document: "RFC 8693", peers: ["–", "–", "–", "partly", "option"] },
  "id-jag": {
    title: "identity assertions of a trusted issuer (ID-JAG)",
    document: "draft-ietf-oauth-identity-assertion-authz-grant",
    peers: ["–", "–", "–", "–", "preview"],
  },
  fapi2: {
    title: "FAPI 2.0 Security Profile, with message signing",
    document: "FAPI 2.0",
    peers: ["option", "–", "–", "yes", "–"],
  },
  openid: {
    title: "OpenID Connect: ID tokens and UserInfo",
    document: "OpenID Connect Core 1.0",
    peers: ["on", "on", "on", "yes", "–"],
  },
  "openid-logout": {
    title: "logout that a client asks for, or is told of",
    document: "OpenID Connect RP-Initiated Logout 1.0, Back-Channel Logout 1.0",
    peers: ["partly", "on", "on", "yes", "–"],
  },
  "step-up": {
    title: "asking for a stronger login",
    document: "RFC 9470",
    peers: ["partly", "–", "partly", "yes", "–"],
  },
  passkeys: { title: "passkeys", document: "WebAuthn Level 3", peers: ["–", "option", "–", "yes", "–"] },
  mtls: {
    title: "client certificates (mutual TLS)",
    document: "RFC 8705",
    peers: ["option", "–", "–", "yes", "–"],
  },
  ciba: {
    title: "logins that the client starts from behind (CIBA)",
    document: "OpenID Connect CIBA Core 1.0",
    peers: ["option", "–", "–", "yes", "–"],
  },
  attestation: {
    title: "clients that are attested",
    document: "draft-ietf-oauth-attestation-based-client-auth",
    peers: ["preview", "–", "–", "–", "–"],
  },
} as const satisfies Readonly<Record<string, Fact>>

export type FactId = keyof typeof facts
