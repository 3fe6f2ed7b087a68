/**
 * What FAPI 2.0 Security Profile + Attacker Model asks of the roles played here.
 *
 * Data for annotations, tests and the report. Every text is a paraphrase; the document itself has the exact words.
 */
import type { Requirement } from "./Requirement.ts"

export const fapi2 = [
  {
    id: "FAPI2-5.3.2-profile",
    doc: "FAPI2",
    section: "5.3.2",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P2",
    text: "Under the FAPI profile: confidential clients only, authenticated PAR only, S256, iss in responses, sender-constrained tokens, codes of at most 60 seconds, request_uri under 600 seconds.",
  },
  {
    id: "FAPI2-5.3.2-rotation-safe",
    doc: "FAPI2",
    section: "5.3.2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Rotation, if used, must survive a lost response: the earlier refresh token still works on retry.",
  },
  {
    id: "FAPI2-5.3.2-clock-skew",
    doc: "FAPI2",
    section: "5.3.2.1",
    level: "MUST",
    roles: ["AS"],
    observable: "wire",
    priority: "P1",
    text: "Accept JWTs dated up to 10 seconds ahead and (should) refuse those 60 seconds or more ahead.",
  },
] as const satisfies readonly Requirement[]
