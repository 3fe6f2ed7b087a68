/**
 * What OpenID Connect Discovery 1.0 asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const openIdDiscovery = [
  {
    id: "OIDCD-3-required-members",
    doc: "OIDCD",
    section: "3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "The metadata names endpoints, keys, response types, subject types and the algorithms of ID tokens, and openid among the scopes.",
  },
  {
    id: "OIDCD-3-rs256",
    doc: "OIDCD",
    section: "3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "RS256 is among the algorithms of ID tokens.",
  },
] as const satisfies readonly Requirement[]
