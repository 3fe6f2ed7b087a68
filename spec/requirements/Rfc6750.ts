/**
 * What RFC 6750 (Bearer Token Usage) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc6750 = [
  {
    id: "RFC6750-3.1-invalid-token-401",
    doc: "RFC6750",
    section: "3.1",
    level: "SHOULD",
    roles: ["RS"],
    observable: "wire",
    priority: "P0",
    text: "Expired, revoked, malformed or otherwise bad tokens get 401 invalid_token.",
  },
  {
    id: "RFC6750-3.1-insufficient-scope-403",
    doc: "RFC6750",
    section: "3.1",
    level: "SHOULD",
    roles: ["RS"],
    observable: "wire",
    priority: "P0",
    text: "A good token lacking scope gets 403 insufficient_scope, with the needed scope if known.",
  },
] as const satisfies readonly Requirement[]
