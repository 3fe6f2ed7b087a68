/**
 * What RFC 9126 (PAR) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9126 = [
  {
    id: "RFC9126-2-par-aud",
    doc: "RFC9126",
    section: "2 (updated by RFC10070 5)",
    level: "SUPERSEDED",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "PAR as published accepts issuer, token or PAR endpoint as audience; RFC 10070 (Nov 2026) narrows this to the issuer alone.",
  },
  {
    id: "RFC9126-2.1-no-request-uri-in-par",
    doc: "RFC9126",
    section: "2.1",
    level: "MUST NOT",
    roles: ["AS", "client"],
    observable: "wire",
    priority: "P1",
    text: "A pushed request may not itself contain request_uri.",
  },
  {
    id: "RFC9126-2.2-request-uri-bound",
    doc: "RFC9126",
    section: "2.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "A request_uri is unguessable, short-lived, and usable only by the client that pushed it.",
  },
  {
    id: "RFC9126-4-expired-rejected",
    doc: "RFC9126",
    section: "4",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "An expired request_uri is refused, and validation is as strict as for a direct request.",
  },
  {
    id: "RFC9126-4-one-time",
    doc: "RFC9126",
    section: "4/7.3",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A request_uri is used once (enforced at authorization, not on page load).",
  },
] as const satisfies readonly Requirement[]
