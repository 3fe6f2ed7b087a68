/**
 * What RFC 7592 (Registration Management) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc7592 = [
  {
    id: "RFC7592-2.2-replace-not-merge",
    doc: "RFC7592",
    section: "2.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "An update replaces the record; left-out fields are deleted, and the client cannot choose its own secret or change its id.",
  },
  {
    id: "RFC7592-2-unknown-client-401",
    doc: "RFC7592",
    section: "2.1-2.3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "A management call for a client that no longer exists gets 401 and its registration token dies.",
  },
] as const satisfies readonly Requirement[]
