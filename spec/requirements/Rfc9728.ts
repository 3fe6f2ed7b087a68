/**
 * What RFC 9728 (Protected Resource Metadata) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9728 = [
  {
    id: "RFC9728-2-resource-member",
    doc: "RFC9728",
    section: "2",
    level: "MUST",
    roles: ["RS"],
    observable: "wire",
    priority: "P0",
    text: "The metadata document has the resource member, an https URL without fragment.",
  },
  {
    id: "RFC9728-3-well-known",
    doc: "RFC9728",
    section: "3/3.1",
    level: "MUST",
    roles: ["RS"],
    observable: "wire",
    priority: "P0",
    text: "The document is served at the well-known path inserted before the resource's own path and query.",
  },
  {
    id: "RFC9728-3.3-resource-identical",
    doc: "RFC9728",
    section: "3.3",
    level: "MUST",
    roles: ["client"],
    observable: "wire",
    priority: "P0",
    text: "The client discards a document whose resource is not the identifier it was looking up, or not the URL it called when the challenge gave the location.",
  },
  {
    id: "RFC9728-7.7-ssrf",
    doc: "RFC9728",
    section: "7.7",
    level: "SHOULD",
    roles: ["client"],
    observable: "wire",
    priority: "P0",
    text: "A client fetching metadata URLs guards against being steered to internal addresses.",
  },
] as const satisfies readonly Requirement[]
