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
  {
    id: "RFC9396-6-narrowing",
    doc: "RFC9396",
    section: "6/6.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "What a token request names of authorization details is at most what was granted, at every refresh too; anything more is invalid_authorization_details.",
  },
  {
    id: "RFC9396-9.1-jwt",
    doc: "RFC9396",
    section: "9.1",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "A JWT access token has the authorization details of the token in the claim authorization_details.",
  },
  {
    id: "RFC9396-9.2-introspection",
    doc: "RFC9396",
    section: "9.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Introspection states the authorization details of the token.",
  },
  {
    id: "RFC9396-10-metadata",
    doc: "RFC9396",
    section: "10",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "The metadata lists the types that are known; a client that registered types asks for those alone.",
  },
] as const satisfies readonly Requirement[]
