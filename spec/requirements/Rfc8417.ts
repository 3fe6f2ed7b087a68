/**
 * What RFC 8417 (Security Event Token) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc8417 = [
  {
    id: "RFC8417-2.3-set-typing",
    doc: "RFC8417",
    section: "2.2/2.3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "An outgoing security event is typed secevent+jwt with iss, iat, jti, one event set and normally no exp.",
  },
] as const satisfies readonly Requirement[]
