/**
 * What RFC 10017 (OAuth for browser-based apps (BCP 212)) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc10017 = [
  {
    id: "RFC10017-refresh-browser",
    doc: "RFC10017",
    section: "Refresh Tokens (browser-based client)",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Browser clients' refresh tokens are rotated or sender-constrained and have a maximum or idle life that rotation does not extend.",
  },
] as const satisfies readonly Requirement[]
