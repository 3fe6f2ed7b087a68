/**
 * What JARM asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const jarm = [
  {
    id: "JARM-2.1-claims",
    doc: "JARM",
    section: "2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "The signed answer holds the issuer, the client as its audience, an expiry at most ten minutes ahead, and every parameter of the answer, errors included.",
  },
  {
    id: "JARM-2.3-response-parameter",
    doc: "JARM",
    section: "2.3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "The signed answer travels in the one parameter response, in the query or as a posted form.",
  },
  {
    id: "JARM-2.3.4-jwt-is-query",
    doc: "JARM",
    section: "2.3.4",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "For codes the response mode jwt is the same as query.jwt.",
  },
  {
    id: "JARM-3-client-alg",
    doc: "JARM",
    section: "3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A client that registered a signing algorithm gets answers signed by that one; one that the server does not have, none among them, is not registered.",
  },
] as const satisfies readonly Requirement[]
