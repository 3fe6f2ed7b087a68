/**
 * What Global token revocation asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const globalTokenRevocation = [
  {
    id: "GTR-3.3-revoke-all",
    doc: "GTR",
    section: "3.3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "A global revocation for a user ends all refresh tokens and forces a new login (draft, expired).",
  },
] as const satisfies readonly Requirement[]
