/**
 * What Updates to OAuth 2.0 Security BCP asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const securityTopicsUpdate = [
  {
    id: "STU-2.1-distinct-aud",
    doc: "STU",
    section: "2.1",
    level: "MUST",
    roles: ["client"],
    observable: "wire",
    priority: "P0",
    text: "A client of several servers defends against audience injection: issuer as sole audience, or exact target endpoint.",
  },
  {
    id: "STU-2.2-context-distinct-redirect",
    doc: "STU",
    section: "2.2",
    level: "MUST",
    roles: ["client"],
    observable: "wire",
    priority: "P1",
    text: "A client hosting several toolkits uses a redirect URI per connection context and checks it against the session.",
  },
  {
    id: "STU-2.3-same-user-completes",
    doc: "STU",
    section: "2.3",
    level: "MUST",
    roles: ["client"],
    observable: "wire",
    priority: "P0",
    text: "A flow begun by one user is completed only by the same user.",
  },
] as const satisfies readonly Requirement[]
