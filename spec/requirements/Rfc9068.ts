/**
 * What RFC 9068 (JWT access token profile) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9068 = [
  {
    id: "RFC9068-2.1-typ-at-jwt",
    doc: "RFC9068",
    section: "2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "JWT access tokens are signed, never with none, and typed at+jwt.",
  },
  {
    id: "RFC9068-2.2-required-claims",
    doc: "RFC9068",
    section: "2.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "JWT access tokens carry iss, exp, aud, sub, client_id, iat and jti.",
  },
  {
    id: "RFC9068-2.1-rs256-support",
    doc: "RFC9068",
    section: "2.1",
    level: "MUST",
    roles: ["AS", "RS"],
    observable: "wire",
    priority: "P1",
    text: "RS256 is among the supported algorithms of a server that claims this profile.",
  },
  {
    id: "RFC9068-3-default-aud",
    doc: "RFC9068",
    section: "3",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "With no resource parameter, a default audience is still put in the token; ambiguous grants are refused.",
  },
  {
    id: "RFC9068-4-rs-typ",
    doc: "RFC9068",
    section: "4",
    level: "MUST",
    roles: ["RS"],
    observable: "wire",
    priority: "P0",
    text: "The resource server rejects any typ but at+jwt or application/at+jwt.",
  },
  {
    id: "RFC9068-4-rs-iss-aud-sig-exp",
    doc: "RFC9068",
    section: "4",
    level: "MUST",
    roles: ["RS"],
    observable: "wire",
    priority: "P0",
    text: "The resource server checks iss exactly, aud, signature with the issuer's own keys, and exp; any failure is invalid_token.",
  },
] as const satisfies readonly Requirement[]
