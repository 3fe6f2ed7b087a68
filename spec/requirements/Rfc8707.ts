/**
 * What RFC 8707 (Resource Indicators) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc8707 = [
  {
    id: "RFC8707-2-absolute-no-fragment",
    doc: "RFC8707",
    section: "2",
    level: "MUST",
    roles: ["AS", "client"],
    observable: "wire",
    priority: "P0",
    text: "A resource value is an absolute URI without fragment; otherwise the request fails with invalid_target.",
  },
  {
    id: "RFC8707-2-audience-restrict",
    doc: "RFC8707",
    section: "2",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "The issued token is limited to the requested resource.",
  },
  {
    id: "RFC8707-2.2-token-subset-of-grant",
    doc: "RFC8707",
    section: "2.2",
    level: "POLICY",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "As policy (the RFC leaves it to the server): a resource asked for at the token endpoint is among those granted, else invalid_target; the refresh token stays bound to the whole grant.",
  },
] as const satisfies readonly Requirement[]
