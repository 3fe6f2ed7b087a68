/**
 * What RFC 9470 (Step-up authentication) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9470 = [
  {
    id: "RFC9470-3-challenge",
    doc: "RFC9470",
    section: "3",
    level: "DEF",
    roles: ["RS"],
    observable: "wire",
    priority: "P2",
    text: "Too weak a login is answered 401 insufficient_user_authentication with acr_values or max_age.",
  },
  {
    id: "RFC9470-4-client-asks-anew",
    doc: "RFC9470",
    section: "4",
    level: "DEF",
    roles: ["client"],
    observable: "wire",
    priority: "P2",
    text: "A client that is challenged so makes another authorization request, with the acr_values and max_age of the challenge.",
  },
  {
    id: "RFC9470-5-acr-necessary",
    doc: "RFC9470",
    section: "5",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A requested acr is necessary: the login is of one of the values that were asked for, or the request fails.",
  },
  {
    id: "RFC9470-5-unmet",
    doc: "RFC9470",
    section: "5",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A request whose acr_values cannot be met fails with unmet_authentication_requirements, so that no client asks for ever.",
  },
  {
    id: "RFC9470-6-token-says",
    doc: "RFC9470",
    section: "6",
    level: "DEF",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "An access token says how and when the person signed in that it goes back to; refreshing does not change that.",
  },
  {
    id: "RFC9470-6.1-jwt",
    doc: "RFC9470",
    section: "6.1 (RFC9068 2.2.1)",
    level: "DEF",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "A JWT access token has acr and auth_time as claims, with the meaning that they have in an ID token.",
  },
  {
    id: "RFC9470-6.2-introspection",
    doc: "RFC9470",
    section: "6.2",
    level: "DEF",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Introspection answers with acr and auth_time, seconds since the epoch, where they are known.",
  },
  {
    id: "RFC9470-7-acr-values-supported",
    doc: "RFC9470",
    section: "7",
    level: "MAY",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "The metadata names in acr_values_supported the values that there are.",
  },
] as const satisfies readonly Requirement[]
