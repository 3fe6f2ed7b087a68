/** What a server is told about passkeys: that there are any, and when a password is not enough. Data alone. */
import type { Described } from "../Described.ts"

/**
 * Whether a password is enough. `on`: whoever has a passkey may sign in by it, or by the password. `second-factor`: whoever
 * has one is asked for it after the password. `required`: so is everybody, and who has none adds one then.
 */
export type PasskeyPolicy = "on" | "second-factor" | "required"

/** Passkeys for the accounts of the built-in login (WebAuthn). */
export interface PasskeyFeature extends Described {
  readonly kind: "passkeys"
  /** Whether a password is enough without one. */
  readonly policy: PasskeyPolicy
}
