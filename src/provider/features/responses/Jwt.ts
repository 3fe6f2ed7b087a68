/**
 * JARM: an answer that the server signs, so that the client knows whose it is, for whom, until when, and that nobody on
 * the way changed it (JWT Secured Authorization Response Mode for OAuth 2.0).
 *
 * All of the answer, errors included, is in the one parameter `response`. It has a type of its own, so that it passes for
 * no other JWT of this server.
 */
import { ConfigFault } from "../../ConfigFault.ts"
import { redirectWith } from "../../RedirectResponse.ts"
import { isSigningAlgorithm, signingAlgorithms, type SigningAlgorithm } from "../../signing/SigningKey.ts"
import type { Feature, ResponseContext, ResponseMode } from "../Feature.ts"
import { formWith } from "./FormPost.ts"

/** How answers are signed. */
export interface SignedResponseOptions {
  /** The algorithms that a client may register for; the first is that of clients that named none. Default ES256. */
  readonly algorithms?: ReadonlyArray<SigningAlgorithm>
}

/** Of this server's own choosing, for the document names none (RFC 8725 3.11). */
export const SIGNED_RESPONSE_TYPE = "authorization-response+jwt"

/** Longer than any browser takes, shorter than the ten minutes that the document allows. */
const LIFETIME_SECONDS = 300

type Parameters = Readonly<Record<string, string | undefined>>

const signedResponses = (algorithms: ReadonlyArray<SigningAlgorithm>) => {
  //= JARM-2.1-claims
  const signed = async ({ iss: _, ...parameters }: Parameters, context: ResponseContext): Promise<string> => {
    const { clientId, now, sign } = context
    const registered = (await context.client(clientId))?.authorization_signed_response_alg
    //= JARM-3-client-alg
    const alg = algorithms.find((one) => one === registered) ?? algorithms[0]!
    const iat = Math.floor(now() / 1000)
    return sign({ ...parameters, aud: clientId, iat, exp: iat + LIFETIME_SECONDS }, { typ: SIGNED_RESPONSE_TYPE, alg })
  }
  const mode = (name: string, more: Pick<ResponseMode, "respond"> & Partial<ResponseMode>): ResponseMode => ({
    kind: "response mode",
    name,
    signs: algorithms,
    ...more,
  })
  //= JARM-2.3-response-parameter
  const inQuery: ResponseMode["respond"] = async (redirectUri, parameters, context) =>
    redirectWith(redirectUri, { response: await signed(parameters, context) })
  const inForm: ResponseMode["respond"] = async (redirectUri, parameters, context) =>
    formWith(redirectUri, { response: await signed(parameters, context) })
  return [
    //= JARM-2.3.4-jwt-is-query
    mode("jwt", {
      respond: inQuery,
      requirements: ["JARM-2.1-claims", "JARM-2.3-response-parameter", "JARM-2.3.4-jwt-is-query", "JARM-3-client-alg"],
      clientMembers: ["authorization_signed_response_alg"],
      metadata: () => ({ authorization_signing_alg_values_supported: algorithms }),
      //= JARM-3-client-alg
      registrationFault: ({ authorization_signed_response_alg: alg }) =>
        alg === undefined || (isSigningAlgorithm(alg) && algorithms.includes(alg))
          ? undefined
          : `authorization_signed_response_alg is not one of ${algorithms.join(", ")}`,
    }),
    mode("query.jwt", { respond: inQuery }),
    mode("form_post.jwt", { respond: inForm }),
  ]
}

/** Answers that the server signs, in the query or posted, as features for the list; throws a {@link ConfigFault}. */
export const jwtResponses = ({ algorithms = ["ES256"] }: SignedResponseOptions = {}): ReadonlyArray<Feature> => {
  const unknown = algorithms.find((one) => !isSigningAlgorithm(one))
  if (unknown !== undefined || algorithms.length === 0) {
    throw new ConfigFault({
      message: `the algorithms of signed responses are not some of ${signingAlgorithms.join(", ")}`,
    })
  }
  return signedResponses(algorithms)
}
