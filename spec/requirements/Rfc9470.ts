/**
 * What RFC 9470 (Step-up authentication) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9470 = [
  {
    id: "RFC9470-3-challenge",
    doc: "RFC9470",
    section: "3",
    level: "DEF",
    roles: ["RS"],
    observable: "wire",
    priority: "P2",
    text: "Too weak a login is answered 401 insufficient_user_authentication with acr_values or max_age.",
  },
] as const satisfies readonly Requirement[]
