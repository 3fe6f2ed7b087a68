/**
 * What ext-auth OAuth client credentials asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const mcpClientCredentials = [
  {
    id: "MCP-CC-metadata",
    doc: "MCP-CC",
    section: "Server metadata",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "If client_credentials is offered, metadata lists private_key_jwt or client_secret_basic, and algorithms for the former.",
  },
] as const satisfies readonly Requirement[]
