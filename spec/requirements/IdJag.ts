/**
 * What Identity Assertion JWT Authorization Grant asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const idJag = [
  {
    id: "IDJAG-4.4.1-aud-single",
    doc: "IDJAG",
    section: "4.4.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "The audience is this issuer alone (a one-element array is allowed), else invalid_grant.",
  },
  {
    id: "IDJAG-8.3-no-self-issued",
    doc: "IDJAG",
    section: "8.3",
    level: "MUST NOT",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "An IdP never gives access tokens for an ID-JAG it issued itself, and an ID-JAG is not reused at a second server.",
  },
  {
    id: "IDJAG-8.6-dpop-cnf",
    doc: "IDJAG",
    section: "8.6.1.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "A key-bound ID-JAG without a matching proof is invalid_grant.",
  },
] as const satisfies readonly Requirement[]
