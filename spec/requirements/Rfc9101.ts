/**
 * What RFC 9101 (JAR) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9101 = [
  {
    id: "RFC9101-6.3-only-object-params",
    doc: "RFC9101",
    section: "6.3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "With a request object, only its parameters count and its client_id equals the outer one.",
  },
  {
    id: "RFC9101-10.5-downgrade",
    doc: "RFC9101",
    section: "10.5",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "If signed request objects are required of a client or by the server, unsigned requests are refused.",
  },
] as const satisfies readonly Requirement[]
