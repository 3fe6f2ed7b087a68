/** The resource server's half: protecting a resource, telling clients how to get in, and asking what tokens are worth. */
export type { VerifiedAccess } from "../protocol/index.ts"
export { audienceJudge } from "./Audience.ts"
export { isBearerToken } from "./BearerToken.ts"
export { inProcessVerifier, type TokenSource } from "./InProcessVerifier.ts"
export { introspectionVerifier, type IntrospectionOptions } from "./IntrospectionVerifier.ts"
export { jwtVerifier, type JwtVerifierOptions, type TokenAlgorithm } from "./JwtVerifier.ts"
export type { ClientKey, ExternalKey, PrivateJwk } from "../proof/ClientAssertion.ts"
export type { ResourceMetadata } from "./Metadata.ts"
export type { ResourceOptions } from "./Options.ts"
export type { ProofOptions } from "./ProofOptions.ts"
export { accessOf, protectResource, type Next, type ProtectOptions, type ProtectedResource } from "./protectResource.ts"
export {
  AccessRefused,
  ResourceFault,
  VerifierUnavailable,
  type PlainReply,
  type RefusalCode,
  type ResourceFaultCode,
  type UnavailableCode,
} from "./ResourceError.ts"
export { checkedStepUp, isLoginEnough, type StepUpDemand } from "./StepUp.ts"
export type { Verifier } from "./Verifier.ts"
export { warnOnce } from "./Warning.ts"
