/**
 * What RFC 9701 (JWT introspection response) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9701 = [
  {
    id: "RFC9701-5-jwt-shape",
    doc: "RFC9701",
    section: "5",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "A signed introspection response is typed token-introspection+jwt with iss, aud of the caller and iat (and should carry no top-level sub or exp).",
  },
] as const satisfies readonly Requirement[]
