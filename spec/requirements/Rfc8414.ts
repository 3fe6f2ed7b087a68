/**
 * What RFC 8414 (AS Metadata) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc8414 = [
  {
    id: "RFC8414-2-issuer-form",
    doc: "RFC8414",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "The issuer is an https URL with no query or fragment.",
  },
  {
    id: "RFC8414-2-required-members",
    doc: "RFC8414",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Metadata has issuer, response_types_supported and the endpoints of the grants offered.",
  },
  {
    id: "RFC8414-2-alg-list-not-none",
    doc: "RFC8414",
    section: "2",
    level: "MUST NOT",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Lists of signing algorithms for endpoint authentication never contain none, and are present when a JWT method is listed.",
  },
  {
    id: "RFC8414-3-well-known-insertion",
    doc: "RFC8414",
    section: "3/3.1",
    level: "MUST",
    roles: ["AS", "client"],
    observable: "wire",
    priority: "P0",
    text: "The metadata path is formed by inserting the well-known segment between host and issuer path, without a doubled slash.",
  },
  {
    id: "RFC8414-3.2-json-200-no-empty",
    doc: "RFC8414",
    section: "3.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Metadata is a 200 JSON object and members with no elements are left out.",
  },
  {
    id: "RFC8414-3.3-issuer-identical",
    doc: "RFC8414",
    section: "3.3",
    level: "MUST",
    roles: ["client"],
    observable: "wire",
    priority: "P0",
    text: "Metadata whose issuer is not identical to the identifier used to build the URL is discarded.",
  },
  {
    id: "RFC8414-4-codepoint-compare",
    doc: "RFC8414",
    section: "4",
    level: "MUST NOT",
    roles: ["AS", "RS", "client"],
    observable: "wire",
    priority: "P1",
    text: "String comparisons are by code point, without Unicode normalisation.",
  },
] as const satisfies readonly Requirement[]
