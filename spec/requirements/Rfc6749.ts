/**
 * What RFC 6749 (OAuth 2.0 Framework) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc6749 = [
  {
    id: "RFC6749-3.3-scope-syntax",
    doc: "RFC6749",
    section: "3.3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Scope is a list of case-sensitive, space-separated tokens; order carries no meaning.",
  },
  {
    id: "RFC6749-2.3.1-basic-form-encoding",
    doc: "RFC6749",
    section: "2.3.1",
    level: "MUST",
    roles: ["AS", "client"],
    observable: "wire",
    priority: "P1",
    text: "Basic credentials are form-urlencoded before base64, and decoded likewise.",
  },
  {
    id: "RFC6749-2.3.1-basic-suffices",
    doc: "RFC6749",
    section: "2.3.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A client that shows its secret in Basic is let in by that alone; the scheme's name has no case (RFC 9110 11.1).",
  },
  {
    id: "RFC6749-5.2-error-codes",
    doc: "RFC6749",
    section: "5.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Token errors use the defined codes with 400 (401 for invalid_client where the header was used).",
  },
] as const satisfies readonly Requirement[]
