/**
 * What RFC 10070 (Updates to JWT client authentication (was rfc7523bis)) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc10070 = [
  {
    id: "RFC10070-4-aud-issuer-only",
    doc: "RFC10070",
    section: "4",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Reject an assertion whose audience is anything other than exactly the issuer identifier, the token endpoint URL included.",
  },
  {
    id: "RFC10070-4-client-aud",
    doc: "RFC10070",
    section: "4",
    level: "MUST",
    roles: ["client"],
    observable: "wire",
    priority: "P0",
    text: "The client puts the issuer identifier as sole audience and types the assertion.",
  },
] as const satisfies readonly Requirement[]
