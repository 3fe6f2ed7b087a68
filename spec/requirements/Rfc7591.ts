/**
 * What RFC 7591 (Dynamic Client Registration) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc7591 = [
  {
    id: "RFC7591-2-ignore-unknown",
    doc: "RFC7591",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Unknown client metadata is ignored.",
  },
  {
    id: "RFC7591-2-jwks-exclusive",
    doc: "RFC7591",
    section: "2",
    level: "MUST NOT",
    roles: ["AS", "client"],
    observable: "wire",
    priority: "P1",
    text: "jwks and jwks_uri never appear together.",
  },
  {
    id: "RFC7591-3.2.1-return-all-metadata",
    doc: "RFC7591",
    section: "3.2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "A 201 response returns the client_id and everything registered, including values the server changed.",
  },
  {
    id: "RFC7591-3.2.1-secret-expiry-field",
    doc: "RFC7591",
    section: "3.2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "client_secret_expires_at accompanies any issued secret.",
  },
  {
    id: "RFC7591-5-redirect-restrictions",
    doc: "RFC7591",
    section: "5",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Registered redirect URIs are https, native loopback http, or an app-specific scheme, and nothing else.",
  },
  {
    id: "RFC7591-5-self-asserted",
    doc: "RFC7591",
    section: "5",
    level: "MUST",
    roles: ["AS"],
    observable: "ui",
    priority: "P1",
    text: "Client-supplied names and logos are treated as unproven when shown.",
  },
] as const satisfies readonly Requirement[]
