/**
 * Passkeys for the accounts of the built-in login (WebAuthn), as a feature for the list: whether there are any, and
 * whether a password is enough without one.
 *
 * What they are asked and how their answers are judged is `provider/Passkeys.ts`; the pages are of `http/login`. A login of
 * somebody else has no part in it.
 */
import type { Feature } from "../Feature.ts"
import type { PasskeyFeature, PasskeyPolicy } from "./PasskeyFeature.ts"

const requirements = [
  "WEBAUTHN-7.1-challenge",
  "WEBAUTHN-7.1-user-verified",
  "WEBAUTHN-7.1-credential-unknown",
  "WEBAUTHN-7.2-challenge",
  "WEBAUTHN-7.2-origin",
  "WEBAUTHN-7.2-rp-id",
  "WEBAUTHN-7.2-user-handle",
  "WEBAUTHN-7.2-user-verified",
  "WEBAUTHN-7.2-signature",
  "WEBAUTHN-7.2-sign-count",
  "WEBAUTHN-13.4.3-challenge-once",
  "WEBAUTHN-14.6.1-user-handle",
  "WEBAUTHN-14.6.2-no-enumeration",
]

/** How passkeys are dealt with; everything has a default. */
export interface PasskeyOptions {
  /** Whether a password is enough where there is a passkey, and whether there must be one; default `on`. */
  readonly policy?: PasskeyPolicy
}

/**
 * How strong a login by a passkey is (`acr`): nothing of it can be told to a false page. The name is that of OpenID
 * Connect's Extended Authentication Profile for it.
 */
export const PHISHING_RESISTANT = "phr"

/** The features of passkeys: `features: [...standardFeatures, ...passkeys({ policy: "second-factor" })]`. */
export const passkeys = ({ policy = "on" }: PasskeyOptions = {}): ReadonlyArray<Feature> => {
  const feature: PasskeyFeature = { kind: "passkeys", name: "passkeys", policy, requirements }
  return [feature, { kind: "login strengths", name: "passkeys", acrValues: [PHISHING_RESISTANT] }]
}
