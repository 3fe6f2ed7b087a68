/**
 * What RFC 7523 (JWT assertions) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc7523 = [
  {
    id: "RFC7523-3-jwt-claims",
    doc: "RFC7523",
    section: "3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "An assertion has iss, sub, aud and an unexpired exp and a valid signature; for client authentication sub is the client id.",
  },
  {
    id: "RFC7523-3.2-error",
    doc: "RFC7523",
    section: "3.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A bad client assertion is invalid_client; a bad grant assertion is invalid_grant.",
  },
] as const satisfies readonly Requirement[]
