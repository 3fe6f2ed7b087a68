/**
 * What DPoP extension asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const mcpDpop = [
  {
    id: "MCP-DPOP-iat-window",
    doc: "MCP-DPOP",
    section: "SEP-1932 (draft)",
    level: "MUST",
    roles: ["RS"],
    observable: "wire",
    priority: "P2",
    text: "Proofs more than five minutes off the server clock are refused, with 401 and the DPoP challenge.",
  },
] as const satisfies readonly Requirement[]
