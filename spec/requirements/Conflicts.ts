/**
 * Where documents contradict one another, and the reading chosen here.
 */
export interface Conflict {
  readonly id: string
  readonly topic: string
  /** What the documents say. */
  readonly texts: string
  readonly proposal: string
}

export const conflicts = [
  {
    id: "C01",
    topic: "Refresh rotation",
    texts:
      "MCP: MUST rotate for public clients; OAuth 2.1/RFC 9700: rotate OR sender-constrain; FAPI 2.0: no rotation unless a retry with the earlier token works",
    proposal:
      "Rotate for public clients by default, with an idempotent retry window that returns the same successor; count DPoP-bound as an extra, not a substitute",
  },
  {
    id: "C02",
    topic: "Client-assertion audience",
    texts: "RFC 9126 (and FAPI 2.0) accept issuer, token and PAR URL; RFC 10070: issuer only, as sole value",
    proposal: "Issuer only; opt-in compatibility flag that shows as a deviation in the report",
  },
  {
    id: "C03",
    topic: "Unadvertised iss",
    texts: "RFC 9207 2.4: client SHOULD discard; MCP: compare and proceed if equal",
    proposal: "Follow MCP",
  },
  {
    id: "C04",
    topic: "redirect_uri at token endpoint",
    texts: "RFC 6749 requires it, 2.1 drops it but 10.2 says accept and enforce for 2.0 clients",
    proposal: "Optional; enforce if present",
  },
  {
    id: "C05",
    topic: "Client secret transport",
    texts: "RFC 6749: Basic MUST; 2.1: body MUST; ext-auth metadata names client_secret_basic",
    proposal: "Support both",
  },
  {
    id: "C06",
    topic: "Loopback names",
    texts:
      "2.1 8.4.2: any port for loopback IP, localhost not recommended; RFC 9700 2.1 speaks of localhost; MCP allows localhost",
    proposal: "Any port for 127.0.0.1, [::1] and localhost",
  },
  {
    id: "C07",
    topic: "CIMD version",
    texts: "MCP pins -00; -01 adds 200-only, no redirects, SSRF MUST; -02 renumbers sections 6 to 8",
    proposal: "Implement -01/-02 rules; note both section numbers",
  },
  {
    id: "C08",
    topic: "OAuth 2.1 version",
    texts:
      "MCP pins -13; -15 and -16 add RFC 10070 audience, native-secret MUST NOT, duplicate wording, consent phishing",
    proposal: "Implement -16",
  },
  {
    id: "C09",
    topic: "Algorithms",
    texts: "RFC 9068: RS256 MUST be supported; FAPI 2.0: PS256, ES256, Ed25519 only; RFC 9864 deprecates EdDSA name",
    proposal: "Issue ES256 by default, verify RS256 unless the FAPI profile is on",
  },
  {
    id: "C10",
    topic: "Code replay reaction",
    texts: "4.1.3 revoke on valid reuse; 7.5.2 do not revoke on invalid replay",
    proposal: "Revoke only when client, verifier and redirect were all right",
  },
  {
    id: "C11",
    topic: "Resource identifier comparison",
    texts: "RFC 9728 identical by code point; MCP: accept upper-case scheme and host, prefer no trailing slash",
    proposal: "Normalise scheme and host case on input only, compare identically afterwards; test slash variants",
  },
  {
    id: "C12",
    topic: "Scope of conformance",
    texts: "MCP says AS implementation is out of scope and scores no AS scenario",
    proposal: "Our report covers the AS from RFC text, and cites MCP scenarios where they exist",
  },
] as const satisfies readonly Conflict[]
