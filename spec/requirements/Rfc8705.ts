/**
 * What RFC 8705 (mTLS) asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const rfc8705 = [
  {
    id: "RFC8705-2-cert-client-binding",
    doc: "RFC8705",
    section: "2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "For mTLS client authentication the certificate must be the one bound to the client.",
  },
  {
    id: "RFC8705-3-rs-thumbprint",
    doc: "RFC8705",
    section: "3",
    level: "MUST",
    roles: ["RS"],
    observable: "wire",
    priority: "P2",
    text: "The resource server compares the TLS certificate with the token's x5t#S256 and answers 401 invalid_token on mismatch.",
  },
] as const satisfies readonly Requirement[]
