/**
 * What Refresh token and authorization expiration asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const refreshTokenExpiration = [
  {
    id: "RTEXP-6-report-lifetimes",
    doc: "RTEXP",
    section: "6.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "Finite refresh-token and authorization lifetimes are reported whenever a refresh token is returned (draft; parameter names changed in -02).",
  },
  {
    id: "RTEXP-5-never-outlive-grant",
    doc: "RTEXP",
    section: "5",
    level: "MUST NOT",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "No token outlives the user's authorization.",
  },
] as const satisfies readonly Requirement[]
