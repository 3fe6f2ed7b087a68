/**
 * What RFC 9396 (RAR) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9396 = [
  {
    id: "RFC9396-5-unknown-type",
    doc: "RFC9396",
    section: "5",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "Unknown or ill-formed authorization details end the request with invalid_authorization_details.",
  },
  {
    id: "RFC9396-7-return-granted",
    doc: "RFC9396",
    section: "7",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "The token response states the authorization details granted.",
  },
] as const satisfies readonly Requirement[]
