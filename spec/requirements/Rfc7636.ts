/**
 * What RFC 7636 (PKCE) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc7636 = [
  {
    id: "RFC7636-4.1-verifier-format",
    doc: "RFC7636",
    section: "4.1",
    level: "DEF",
    roles: ["AS", "client"],
    observable: "wire",
    priority: "P1",
    text: "A verifier is 43 to 128 unreserved characters; anything else is invalid.",
  },
  {
    id: "RFC7636-4.6-mismatch-invalid-grant",
    doc: "RFC7636",
    section: "4.6",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "A wrong verifier gets invalid_grant.",
  },
  {
    id: "RFC7636-7.2-no-client-downgrade",
    doc: "RFC7636",
    section: "7.2",
    level: "MUST NOT",
    roles: ["client"],
    observable: "wire",
    priority: "P0",
    text: "A client never falls back to plain after trying S256.",
  },
] as const satisfies readonly Requirement[]
