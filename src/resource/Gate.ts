/**
 * The one judge of who is let in: a token, alive, for this resource, of a login as it is demanded, with every scope that is
 * needed, and with the proof of its key where it is bound to one.
 *
 * Knows no framework: headers, method and path go in, the access or a refusal comes out.
 */
import { INSUFFICIENT_AUTHENTICATION, type TokenScheme, type VerifiedAccess } from "../protocol/index.ts"
import type { Verifier } from "./Verifier.ts"
import { audienceJudge } from "./Audience.ts"
import { presentedToken } from "./BearerToken.ts"
import { challenges, comeAgain } from "./Challenge.ts"
import { metadataUrl } from "./Metadata.ts"
import type { ResourceOptions } from "./Options.ts"
import { makeProofGate } from "./ProofGate.ts"
import { checkedProofOptions, type ProofSettings } from "./ProofOptions.ts"
import { VerifierUnavailable, type AccessRefused } from "./ResourceError.ts"
import { isLoginEnough, type StepUpDemand } from "./StepUp.ts"

export interface GateOptions {
  readonly verifier: Verifier
  /**
   * Told why a token could not be checked, and once why tokens without audience are refused, in a sentence that says what
   * to do; it stays with the operator.
   */
  readonly onUnavailable: (sentence: string, cause?: unknown) => void
  /** How proofs are asked for; `undefined` where nobody said: then they are taken and not asked for. */
  readonly proofs: ProofSettings | undefined
  /** How whoever is behind a token has to have signed in. */
  readonly stepUp: StepUpDemand
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** What decides about a request: all of its headers of these two names, its method and where it went. */
export interface AskedWith {
  readonly authorization: ReadonlyArray<string>
  readonly proofs: ReadonlyArray<string>
  readonly method: string
  /** A path, or a URL of which the path counts. */
  readonly target: string
}

/** Who was let in, and the nonce that the next proof needs. */
export interface LetIn {
  readonly access: VerifiedAccess
  readonly nonce?: string | undefined
}

/** Lets in or rejects with an {@link AccessRefused}. */
export type Gate = (request: AskedWith) => Promise<LetIn>

export const makeGate = (
  options: ResourceOptions,
  { verifier, onUnavailable, proofs, stepUp, now }: GateOptions,
): Gate => {
  const { resource, scopes = [], impliedScopes = {}, acceptsMissingAudience } = options
  const settings = proofs ?? checkedProofOptions({})
  const isBearerTaken = !settings.isRequired
  const refused = challenges({
    metadataUrl: metadataUrl(resource),
    scopes,
    schemes: proofs === undefined ? ["Bearer"] : isBearerTaken ? ["Bearer", "DPoP"] : ["DPoP"],
    algorithms: settings.algorithms,
    stepUp,
  })
  const isForUs = audienceJudge({ resource, acceptsMissingAudience, onMissing: onUnavailable })
  const implied: ReadonlyMap<string, ReadonlyArray<string>> = new Map(Object.entries(impliedScopes))
  const holders = makeProofGate(settings, now)

  const told = async <A>(answer: Promise<A>, sentence = VERIFIER_FAILED): Promise<A> => {
    try {
      return await answer
    } catch (cause) {
      throw unavailable(cause, sentence, onUnavailable)
    }
  }
  const allowed = (access: VerifiedAccess, scheme: TokenScheme, nonce?: string): void => {
    // Before the scopes: the challenge names those as well, so that one login is enough for both.
    if (!isLoginEnough(access, stepUp, now())) throw refused(INSUFFICIENT_AUTHENTICATION, { scheme, nonce })
    //= MCP-AUTHZ-rs-scope-hierarchy
    const all = access.scopes.flatMap((scope) => [scope, ...(implied.get(scope) ?? [])])
    if (!scopes.every((scope) => all.includes(scope))) throw refused("insufficient_scope", { scheme })
  }

  const forBearer = async (token: string | undefined): Promise<LetIn> => {
    const scheme = "Bearer"
    if (!isBearerTaken) throw refused("invalid_token", { scheme, ...UNBOUND })
    const access = token === undefined ? undefined : await told(verifier.verify(token))
    // A verifier may be a server itself, which knows such tokens.
    //= RFC9449-7.2-no-bearer-downgrade
    if (!access || access.jkt !== undefined || !isForUs(access)) throw refused("invalid_token", { scheme })
    allowed(access, scheme)
    return { access }
  }

  //= RFC9449-7.1-rs-all-checks
  const forHolder = async (token: string, { proofs: shown, method, target }: AskedWith): Promise<LetIn> => {
    const scheme = "DPoP"
    const { origin } = new URL(resource)
    const url = origin + pathOf(target, origin)
    const proof = await holders.judge({ token, proofs: shown, method, url })
    if ("code" in proof) throw refused(proof.code, { scheme, message: proof.message, nonce: holders.nextNonce() })
    const nonce = holders.nextNonce(proof.nonce)
    const access = await told(verifier.verify(token, proof.jkt))
    if (!access || access.jkt !== proof.jkt || !isForUs(access)) throw refused("invalid_token", { scheme, nonce })
    //= RFC9449-11.1-replay-window
    const showing = await told(holders.use(proof), MEMORY_FAILED)
    if (showing === "again") {
      throw refused("invalid_dpop_proof", {
        scheme,
        message: "the proof was used before: make one for each request",
        nonce,
      })
    }
    if (showing === "full") {
      onUnavailable("more proofs of possession are good at once than are remembered: see who sends so many requests")
      throw comeAgain(1)
    }
    allowed(access, scheme, nonce)
    return { access, nonce }
  }

  //= OAUTH21-5-rs-validates
  return async (request) => {
    const presented = presentedToken(request.authorization)
    switch (presented._tag) {
      case "Absent":
        throw refused("missing_token")
      case "Malformed":
        throw refused("invalid_request")
      case "NoToken":
        return forBearer(undefined)
      case "Token":
        return forBearer(presented.token)
      case "BoundToken":
        return forHolder(presented.token, request)
    }
  }
}

const VERIFIER_FAILED = "the verifier failed: see the cause, and let it reject with `VerifierUnavailable`"
const MEMORY_FAILED = "whether a proof was used before cannot be told: see the cause, and what `isFirstUse` asks"
const UNBOUND = {
  message: "only tokens that are bound to a key are taken here: send one by the scheme DPoP with a proof",
}

/** The path alone: which host a request came to is known to whoever stands in front. */
const pathOf = (target: string, base: string): string => URL.parse(target, base)?.pathname ?? "/"

/** Whatever a verifier rejects with, the token counts as neither good nor bad. */
const unavailable = (cause: unknown, sentence: string, onUnavailable: GateOptions["onUnavailable"]): AccessRefused => {
  if (cause instanceof VerifierUnavailable) {
    onUnavailable(cause.message, cause.cause)
    return comeAgain(cause.retryAfterSeconds)
  }
  onUnavailable(sentence, cause)
  return comeAgain(1)
}
