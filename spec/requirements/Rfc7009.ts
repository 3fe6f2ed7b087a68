/**
 * What RFC 7009 (Token Revocation) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc7009 = [
  {
    id: "RFC7009-2-revoke-refresh",
    doc: "RFC7009",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Refresh tokens can be revoked by their client; access tokens should be too.",
  },
  {
    id: "RFC7009-2.1-owner-only",
    doc: "RFC7009",
    section: "2.1",
    level: "DEF",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Only the client a token was issued to can revoke it.",
  },
  {
    id: "RFC7009-2.1-cascade",
    doc: "RFC7009",
    section: "2.1",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Revoking a refresh token also ends access tokens of the same grant.",
  },
  {
    id: "RFC7009-2.2-unknown-is-200",
    doc: "RFC7009",
    section: "2.2",
    level: "DEF",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Revoking an unknown token is answered 200, and a wrong hint is no obstacle.",
  },
] as const satisfies readonly Requirement[]
