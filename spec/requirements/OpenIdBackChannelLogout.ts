/**
 * What OpenID Connect Back-Channel Logout 1.0 asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const openIdBackChannelLogout = [
  {
    id: "OIDCBC-2.1-sid",
    doc: "OIDCBC",
    section: "2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "The metadata says that clients are told, and ID tokens name the session that logout tokens will.",
  },
  {
    id: "OIDCBC-2.4-logout-token",
    doc: "OIDCBC",
    section: "2.4",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "A logout token has issuer, audience, time, expiry, an id of its own, the event, whose session ended and no nonce, and a type of its own.",
  },
  {
    id: "OIDCBC-2.5-post",
    doc: "OIDCBC",
    section: "2.5",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A client is told by a form that is posted to the address that it registered.",
  },
] as const satisfies readonly Requirement[]
