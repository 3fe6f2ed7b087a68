/**
 * What ext-auth Enterprise-managed authorization asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const mcpEnterpriseManaged = [
  {
    id: "MCP-EMA-5.1-idjag-checks",
    doc: "MCP-EMA",
    section: "5.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "An ID-JAG has typ oauth-id-jag+jwt, aud of this issuer, and client_id equal to the authenticated client.",
  },
] as const satisfies readonly Requirement[]
