/**
 * What RFC 8693 (Token exchange) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc8693 = [
  {
    id: "RFC8693-2.2.2-errors",
    doc: "RFC8693",
    section: "2.2.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "Bad subject or actor tokens are invalid_request; refused targets are invalid_target.",
  },
  {
    id: "RFC8693-4.1-only-current-actor",
    doc: "RFC8693",
    section: "4.1",
    level: "MUST",
    roles: ["RS"],
    observable: "wire",
    priority: "P2",
    text: "Only the outermost act claim counts for access control.",
  },
] as const satisfies readonly Requirement[]
