/**
 * What OAuth 2.0 Form Post Response Mode asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const formPost = [
  {
    id: "FORMPOST-2-form",
    doc: "FORMPOST",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "The answer is an HTML form that the browser posts to the redirect URI, with each parameter in a field of it and none in an address.",
  },
  {
    id: "FORMPOST-2-not-kept",
    doc: "FORMPOST",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "The page with the answer tells browsers and proxies not to keep it.",
  },
] as const satisfies readonly Requirement[]
