/**
 * What RFC 9101 (JAR) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9101 = [
  {
    id: "RFC9101-4-no-nested",
    doc: "RFC9101",
    section: "4",
    level: "MUST NOT",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A request object has neither request nor request_uri in it.",
  },
  {
    id: "RFC9101-6.2-signature",
    doc: "RFC9101",
    section: "6.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "The signature is validated by a key of the client, by the algorithm that it registered if it did; none is never taken, and any fault ends the request with invalid_request_object.",
  },
  {
    id: "RFC9101-6.3-only-object-params",
    doc: "RFC9101",
    section: "6.3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "With a request object, only its parameters count and its client_id equals the outer one.",
  },
  {
    id: "RFC9101-10.5-downgrade",
    doc: "RFC9101",
    section: "10.5",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "If signed request objects are required of a client or by the server, unsigned requests are refused.",
  },
  {
    id: "RFC9101-10.4-never-fetched",
    doc: "RFC9101",
    section: "10.4",
    level: "POLICY",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "As policy: no request_uri is fetched, so that nobody sends the server anywhere; a request object comes by value.",
  },
  {
    id: "RFC9101-10.8-cross-jwt",
    doc: "RFC9101",
    section: "10.8",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A JWT of another kind, by its typ or with the client as its subject, is no request object.",
  },
] as const satisfies readonly Requirement[]
