/**
 * What RFC 9700 (OAuth 2.0 Security BCP (BCP 240)) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc9700 = [
  {
    id: "RFC9700-2.6-http-redirect-forbidden",
    doc: "RFC9700",
    section: "2.6",
    level: "MUST NOT",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Refuse http redirect URIs except native loopback ones.",
  },
  {
    id: "RFC9700-2.1.1-pkce-detectable",
    doc: "RFC9700",
    section: "2.1.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Give clients a way to detect PKCE support, preferably code_challenge_methods_supported.",
  },
  {
    id: "RFC9700-2.1.1-pkce-downgrade",
    doc: "RFC9700",
    section: "2.1.1/4.8.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "A verifier sent for a code that had no challenge is an error, so stripping the challenge cannot go unnoticed.",
  },
  {
    id: "RFC9700-2.4-no-password-grant",
    doc: "RFC9700",
    section: "2.4",
    level: "MUST NOT",
    roles: ["AS", "client"],
    observable: "wire",
    priority: "P0",
    text: "The password grant is not offered or used.",
  },
  {
    id: "RFC9700-2.1.2-no-implicit",
    doc: "RFC9700",
    section: "2.1.2",
    level: "SHOULD NOT",
    roles: ["AS", "client"],
    observable: "wire",
    priority: "P0",
    text: "No access token is issued from the authorization endpoint (OAuth 2.1 removes the type altogether).",
  },
  {
    id: "RFC9700-4.13-proxy-headers",
    doc: "RFC9700",
    section: "4.13",
    level: "MUST",
    roles: ["AS"],
    observable: "deploy",
    priority: "P1",
    text: "Headers the application trusts from its reverse proxy are stripped from outside requests.",
  },
  {
    id: "RFC9700-4.14.2-rt-family-revoke",
    doc: "RFC9700",
    section: "4.14.2",
    level: "SHOULD",
    roles: ["AS"],
    observable: "wire",
    priority: "P0",
    text: "Reuse of a rotated refresh token ends the whole family descended from that grant.",
  },
] as const satisfies readonly Requirement[]
