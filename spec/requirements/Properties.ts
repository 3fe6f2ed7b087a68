/**
 * The security properties that attacks aim at, each in a sentence.
 *
 * An attack names the property that it would break; `properties/invariants` holds the promises that are tried.
 */
export const properties = {
  "P-REDIRECT": "The server never sends a browser to a URI that is not registered for the named client.",
  "P-CONSENT":
    "Every issued code or token traces back to one consent event of that user for exactly that client, redirect URI, scope and resource.",
  "P-BIND": "An artefact (code, request_uri, refresh token) is usable only in the context it was issued in.",
  "P-ONCE": "Every one-time artefact takes effect at most once under any interleaving, crash or replay.",
  "P-MONO": "Scope, audience and lifetime never grow along a derivation chain.",
  "P-AUD": "A token is accepted at exactly the resources it names.",
  "P-ISS": "A client sends codes, verifiers, credentials and tokens only to the issuer the flow began with.",
  "P-SI":
    "Session integrity: a user never ends up using an account or resource of the attacker, nor the attacker of the user, through a flow the user did not begin.",
  "P-AUTHN": "Nobody is taken for another user or client.",
  "P-POP": "A key-bound token is useless without a fresh proof from that key.",
  "P-TYPE": "A JWT of one kind never passes as another.",
  "P-FORGE": "Only tokens signed by the configured issuer keys and algorithms verify.",
  "P-REVOKE":
    "After revocation nothing derived from the grant is active, in any replica and after any rebuild from the log.",
  "P-TIME": "Nothing is accepted before its start or after its end, with bounded skew.",
  "P-SECRET": "No secret value reaches logs, events, URLs, referrers or caches.",
  "P-ORACLE": "Responses do not tell an unauthorised caller about state.",
  "P-SSRF": "The server makes no connection to an internal address on behalf of an outsider.",
  "P-XSS": "No input becomes markup or script.",
  "P-PARSE": "All layers read the same single value of each parameter.",
  "P-LIVE": "An outsider or a lost message cannot lock out an honest client or exhaust the server.",
  "P-CLIENT": "The client host is not harmed by server-supplied data.",
} as const

export type PropertyId = keyof typeof properties
