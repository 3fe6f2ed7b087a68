/**
 * Asks the authorization server in this very process: no network, no cache, a revocation counts at once.
 *
 * A token that is bound to a key is worth nothing without that key, nor one that is not bound with one.
 */
import type * as Effect from "effect/Effect"
import type { VerifiedAccess } from "../protocol/index.ts"
import type { Verifier } from "./Verifier.ts"
import { ResourceFault, VerifierUnavailable } from "./ResourceError.ts"

type Answer = VerifiedAccess | undefined | null

/** What it needs of a server: that of `authorizationServer`, its effects, or anything that verifies. */
export interface TokenSource {
  /** What the token is good for; nothing for one that is not alive. */
  verify(token: string): Promise<Answer> | Effect.Effect<Answer, unknown>
}

/** What a server says who cannot answer for now. */
interface Unavailable {
  readonly _tag: "Unavailable"
  readonly message: string
  readonly retryAfterSeconds: number
}

const isUnavailable = (fault: unknown): fault is Unavailable =>
  fault instanceof Error &&
  "_tag" in fault &&
  fault._tag === "Unavailable" &&
  "retryAfterSeconds" in fault &&
  typeof fault.retryAfterSeconds === "number"

/**
 * A verifier over a server in this process; throws a `ResourceFault` if that is none.
 *
 * @example
 * import { authorizationServer, ephemeralKeys, memoryStore } from "grantlog"
 * import { inProcessVerifier } from "grantlog/resource"
 *
 * const server = await authorizationServer({
 *   store: memoryStore(),
 *   keys: ephemeralKeys(),
 *   config: { issuer: "http://localhost:4000" },
 * })
 * const verifier = inProcessVerifier(server)
 * const access = await verifier.verify("not a token")
 */
export const inProcessVerifier = (server: TokenSource): Verifier => {
  if (typeof server?.verify !== "function") {
    const message =
      "the server has no method `verify`: give `inProcessVerifier` what `authorizationServer` resolved with"
    throw new ResourceFault({ code: "option_invalid", message })
  }
  return {
    verify: async (token, jkt) => {
      try {
        const access = await answerOf(server.verify(token))
        //= RFC9449-7.2-no-bearer-downgrade
        return access?.jkt === jkt ? access : undefined
      } catch (cause) {
        throw new VerifierUnavailable({
          code: "verifier_failed",
          message: cause instanceof Error ? cause.message : "the authorization server failed: see the cause",
          retryAfterSeconds: isUnavailable(cause) ? cause.retryAfterSeconds : 1,
          cause,
        })
      }
    },
  }
}

/** Effect is loaded for those alone who hand in Effects, and so have loaded it. */
const answerOf = async (answer: ReturnType<TokenSource["verify"]>): Promise<Answer> => {
  if (answer === undefined || answer === null || "then" in answer) return answer
  const { isEffect, runPromise } = await import("effect/Effect")
  return isEffect(answer) ? runPromise(answer) : answer
}
