/**
 * What OpenID Connect Core 1.0 asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const openIdCore = [
  {
    id: "OIDC-2-id-token-claims",
    doc: "OIDC",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "An ID token has the issuer, a subject that is never given to somebody else, the client as its audience, and when it was issued and expires.",
  },
  {
    id: "OIDC-2-client-alg",
    doc: "OIDC",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "An ID token is signed, by the algorithm that the client registered for.",
  },
  {
    id: "OIDC-3.1.2.1-openid-scope",
    doc: "OIDC",
    section: "3.1.2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Who does not ask by the scope openid gets no ID token: the request is one of OAuth alone.",
  },
  {
    id: "OIDC-3.1.2.1-nonce",
    doc: "OIDC",
    section: "3.1.2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "The nonce of the request stands in the ID token as it was sent; here a client that asks who somebody is has to send one.",
  },
  {
    id: "OIDC-3.1.3.3-id-token",
    doc: "OIDC",
    section: "3.1.3.3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "The answer to a code whose request asked for openid has an ID token beside the access token.",
  },
  {
    id: "OIDC-3.1.3.6-at-hash",
    doc: "OIDC",
    section: "3.1.3.6",
    level: "MAY",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "at_hash is the left half of the access token's hash, in the hash of the algorithm that signs.",
  },
  {
    id: "OIDC-16.14-token-kinds",
    doc: "OIDC",
    section: "16.14",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "An ID token is taken for nothing else, and nothing else for an ID token.",
  },
] as const satisfies readonly Requirement[]
