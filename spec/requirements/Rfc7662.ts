/**
 * What RFC 7662 (Token Introspection) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc7662 = [
  {
    id: "RFC7662-2.1-caller-auth",
    doc: "RFC7662",
    section: "2.1/4",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Introspection is only for authenticated callers.",
  },
  {
    id: "RFC7662-2.2-inactive-uniform",
    doc: "RFC7662",
    section: "2.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Inactive, unknown and not-for-you tokens all give active:false and nothing else.",
  },
  {
    id: "RFC7662-4-all-state-checks",
    doc: "RFC7662",
    section: "4",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Expiry, not-before, revocation and signature are all considered before saying active.",
  },
] as const satisfies readonly Requirement[]
