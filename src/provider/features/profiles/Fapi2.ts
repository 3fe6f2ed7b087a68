/**
 * The FAPI 2.0 Security Profile as a list of features: what it asks for is there, and what it forbids is not.
 *
 * Clients prove themselves by `private_key_jwt` alone, so there is neither a public client nor a shared secret; every
 * authorization request is pushed; every token is bound to a key of the client's by DPoP. The rest of the profile is how
 * the server always is: S256, `iss` in every answer, codes that are spent once. Nothing here decides anything by itself.
 */
import { ConfigFault } from "../../ConfigFault.ts"
import { privateKeyJwt } from "../authentication/PrivateKeyJwt.ts"
import { dpop, type DpopOptions } from "../constraints/Dpop.ts"
import type { Feature } from "../Feature.ts"
import { pushedRequests } from "../requests/Pushed.ts"
import { signedRequests } from "../requests/Signed.ts"
import { jwtResponses } from "../responses/Jwt.ts"
import { standardFeatures } from "../standard.ts"

/** What may be chosen within the profile; everything has a default. */
export interface Fapi2Options {
  /** Whether a proof of possession needs a nonce of this server (RFC 9449 8); default `off`. */
  readonly nonce?: DpopOptions["nonce"]
  /** How long the reference to a pushed request can be opened, in seconds, less than 600; default 90. */
  readonly requestLifetime?: number
  /**
   * FAPI 2.0 Message Signing 5.3 and 5.4: clients may sign their requests and have answers signed, or all must. Default
   * `off`.
   */
  readonly messageSigning?: "off" | "on" | "required"
}

/** FAPI 2.0 Security Profile 5.4.1. */
const ALGORITHMS = ["PS256", "ES256", "EdDSA", "Ed25519"] as const
/** The names that the documents about request objects know. */
const REQUEST_ALGORITHMS = ["PS256", "ES256", "EdDSA"]

/** For how many seconds a code may live (FAPI 2.0 Security Profile 5.3.2.2). */
export const FAPI2_CODE_SECONDS = 60

/**
 * The features of a server that keeps to the FAPI 2.0 Security Profile, in place of `standardFeatures`; throws a
 * {@link ConfigFault} that says what to change. Lifetimes are the configuration's: a code may live for 60 seconds at most,
 * which is its default.
 *
 * Resource servers check JWT access tokens, or introspect by `private_key_jwt`: nobody has a secret.
 *
 * @example
 * import { authorizationServer, ephemeralKeys, fapi2Features, memoryStore } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 *   features: fapi2Features({ messageSigning: "on" }),
 * })
 */
//= FAPI2-5.3.2-profile
export const fapi2Features = ({
  nonce = "off",
  requestLifetime = 90,
  messageSigning = "off",
}: Fapi2Options = {}): ReadonlyArray<Feature> => {
  if (requestLifetime >= 600) {
    throw new ConfigFault({ message: "fapi2: requestLifetime is not less than 600 seconds" })
  }
  const isSigned = messageSigning === "required"
  return [
    ...standardFeatures.filter(({ kind }) => kind !== "client authentication"),
    privateKeyJwt({ algorithms: ALGORITHMS, isAudienceString: true }),
    ...pushedRequests({ isRequired: true, lifetime: requestLifetime }),
    dpop({ isRequired: true, nonce, algorithms: ALGORITHMS }),
    ...(messageSigning === "off"
      ? []
      : [
          signedRequests({ algorithms: REQUEST_ALGORITHMS, isTimed: true, isRequired: isSigned }),
          ...jwtResponses({ algorithms: ["ES256", "EdDSA"] }),
        ]),
  ]
}
