/**
 * Signed introspection answers (RFC 9701): for a resource server that has to show later what it was told, and by whom.
 *
 * Who asks by `Accept: application/token-introspection+jwt` gets the usual answer within a JWT that is for it alone. The JWT
 * has neither `sub` nor `exp` of its own, so that nothing takes it for a token.
 */
import { ConfigFault } from "../../ConfigFault.ts"
import { isSigningAlgorithm, signingAlgorithms, type SigningAlgorithm } from "../../signing/SigningKey.ts"
import type { IntrospectionFormat } from "../Feature.ts"

/** How introspection answers are signed. */
export interface SignedIntrospectionOptions {
  /**
   * What a resource server may register as `introspection_signed_response_alg`; the first is that of those that named
   * none. RS256, ES256 and EdDSA by default, RS256 first, which RFC 9701 section 6 has as the default.
   */
  readonly algorithms?: ReadonlyArray<SigningAlgorithm>
}

const TYP = "token-introspection+jwt"

const checked = (algorithms: ReadonlyArray<unknown>): ReadonlyArray<SigningAlgorithm> => {
  if (algorithms.length > 0 && algorithms.every(isSigningAlgorithm)) return algorithms
  const message = `signedIntrospection: algorithms has to name some of ${signingAlgorithms.join(", ")}`
  throw new ConfigFault({ message })
}

/**
 * The feature by which introspection answers are signed for who asks for that; throws a `ConfigFault`.
 *
 * @example
 * import { authorizationServer, signedIntrospection, sqliteStore, standardFeatures } from "grantlog"
 *
 * const server = await authorizationServer({
 *   store: sqliteStore("grantlog.db"),
 *   config: { issuer: "https://id.example.com" },
 *   features: [...standardFeatures, signedIntrospection()],
 * })
 */
export const signedIntrospection = ({
  algorithms = ["RS256", "ES256", "EdDSA"],
}: SignedIntrospectionOptions = {}): IntrospectionFormat => {
  const signs = checked(algorithms)
  return {
    kind: "introspection format",
    name: "jwt",
    mediaType: `application/${TYP}`,
    signs,
    metadata: () => ({ introspection_signing_alg_values_supported: signs }),
    clientMembers: ["introspection_signed_response_alg"],
    registrationFault: ({ introspection_signed_response_alg: alg }) =>
      alg === undefined || signs.some((one) => one === alg)
        ? undefined
        : `introspection_signed_response_alg is not one of ${signs.join(", ")}`,
    //= RFC9701-5-jwt-shape
    write: async (answer, clientId, { sign, now, client }) => {
      const registered = (await client(clientId))?.introspection_signed_response_alg
      const alg = signs.find((one) => one === registered) ?? signs[0]!
      const claims = { aud: clientId, iat: Math.floor(now() / 1000), token_introspection: answer }
      return sign(claims, { typ: TYP, alg })
    },
  }
}
