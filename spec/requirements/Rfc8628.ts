/**
 * What RFC 8628 (Device grant) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc8628 = [
  {
    id: "RFC8628-3.5-polling",
    doc: "RFC8628",
    section: "3.5",
    level: "MUST",
    roles: ["AS", "client"],
    observable: "wire",
    priority: "P2",
    text: "Polling respects the interval, adds five seconds at each slow_down and stops on other errors.",
  },
  {
    id: "RFC8628-5.1-user-code",
    doc: "RFC8628",
    section: "5.1",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "User codes are rate-limited and strong enough that guessing fails.",
  },
] as const satisfies readonly Requirement[]
