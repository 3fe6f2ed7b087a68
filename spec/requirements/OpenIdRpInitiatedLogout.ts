/**
 * What OpenID Connect RP-Initiated Logout 1.0 asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const openIdRpInitiatedLogout = [
  {
    id: "OIDCRP-2-methods",
    doc: "OIDCRP",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A request to sign out comes by GET or as a form that is posted.",
  },
  {
    id: "OIDCRP-2-ends",
    doc: "OIDCRP",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Who signs out is signed in no more here, and what told the client who it is has ended.",
  },
  {
    id: "OIDCRP-2-confirmed",
    doc: "OIDCRP",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "ui",
    priority: "P0",
    text: "Without an ID token of who is signed in, the person is asked before anything ends.",
  },
  {
    id: "OIDCRP-2-client-id",
    doc: "OIDCRP",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A client_id beside an ID token is that of the client that it was issued to.",
  },
  {
    id: "OIDCRP-2.1-metadata",
    doc: "OIDCRP",
    section: "2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "The metadata names the endpoint for signing out.",
  },
  {
    id: "OIDCRP-3-registered",
    doc: "OIDCRP",
    section: "3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Nobody is sent to an address that the client did not register, to the letter, for after signing out.",
  },
  {
    id: "OIDCRP-3-state",
    doc: "OIDCRP",
    section: "3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "The state of the request comes back with the browser.",
  },
] as const satisfies readonly Requirement[]
