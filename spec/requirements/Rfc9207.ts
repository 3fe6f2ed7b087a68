/**
 * What RFC 9207 (Issuer identification) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9207 = [
  {
    id: "RFC9207-2-iss-in-all-responses",
    doc: "RFC9207",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "A supporting server puts iss in success and error authorization responses, as an https URL without query or fragment.",
  },
  {
    id: "RFC9207-2.3-iss-equals-metadata",
    doc: "RFC9207",
    section: "2.3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "The iss value equals the metadata issuer and support is advertised by the boolean in metadata.",
  },
  {
    id: "RFC9207-2.4-client-rejects-mismatch",
    doc: "RFC9207",
    section: "2.4",
    level: "MUST",
    roles: ["client"],
    observable: "wire",
    priority: "P0",
    text: "On a mismatched iss, or a missing one where support is known, the client drops the response before sending the code anywhere.",
  },
  {
    id: "RFC9207-4-unique-issuers",
    doc: "RFC9207",
    section: "4",
    level: "MUST NOT",
    roles: ["client"],
    observable: "internal",
    priority: "P1",
    text: "A client never holds two servers under one issuer identifier.",
  },
] as const satisfies readonly Requirement[]
