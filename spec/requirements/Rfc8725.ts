/**
 * What RFC 8725 (JWT BCP (rfc8725bis in progress)) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc8725 = [
  {
    id: "RFC8725-3.1-alg-allowlist",
    doc: "RFC8725",
    section: "3.1",
    level: "MUST",
    roles: ["AS", "RS", "client"],
    observable: "wire",
    priority: "P0",
    text: "Only an explicit set of algorithms is accepted, and each key is used with one.",
  },
  {
    id: "RFC8725-3.8-keys-belong-to-iss",
    doc: "RFC8725",
    section: "3.8",
    level: "MUST",
    roles: ["AS", "RS", "client"],
    observable: "wire",
    priority: "P0",
    text: "The verifying key must belong to the token's issuer.",
  },
  {
    id: "RFC8725-3.12-exclusive-validation",
    doc: "RFC8725",
    section: "3.12",
    level: "MUST",
    roles: ["AS", "RS", "client"],
    observable: "wire",
    priority: "P0",
    text: "Different kinds of JWT from one issuer can never pass each other's checks.",
  },
] as const satisfies readonly Requirement[]
