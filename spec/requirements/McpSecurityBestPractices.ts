/**
 * What MCP security best practices (2026-07-28) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const mcpSecurityBestPractices = [
  {
    id: "MCP-PROXY-consent-before-upstream",
    doc: "MCP-SBP",
    section: "Confused deputy",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "A proxy with one upstream client id asks the user's consent per downstream client before it forwards to the upstream.",
  },
  {
    id: "MCP-PROXY-state-after-consent",
    doc: "MCP-SBP",
    section: "Confused deputy",
    level: "MUST NOT",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "The browser-bound state for the upstream leg is set only after consent, is single-use and short-lived, and is checked at the callback.",
  },
  {
    id: "MCP-PROXY-consent-cookie",
    doc: "MCP-SBP",
    section: "Confused deputy",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Consent cookies are __Host-, Secure, HttpOnly, SameSite=Lax, signed or server-side, and bound to one client_id.",
  },
  {
    id: "MCP-PROXY-consent-page",
    doc: "MCP-SBP",
    section: "Confused deputy",
    level: "MUST",
    roles: ["AS"],
    observable: "ui",
    priority: "P0",
    text: "The consent page names client, upstream scopes and redirect URI, resists CSRF and cannot be framed.",
  },
] as const satisfies readonly Requirement[]
