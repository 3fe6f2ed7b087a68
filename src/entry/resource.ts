/** `grantlog/resource`: tokens checked in front of an API, wherever it runs. Loads no server. */
export {
  AccessRefused,
  ResourceFault,
  VerifierUnavailable,
  accessOf,
  inProcessVerifier,
  introspectionVerifier,
  jwtVerifier,
  protectResource,
} from "../resource/index.ts"
export type {
  IntrospectionOptions,
  JwtVerifierOptions,
  Next,
  PlainReply,
  ProofOptions,
  ProtectOptions,
  ProtectedResource,
  RefusalCode,
  ResourceFaultCode,
  ResourceMetadata,
  ResourceOptions,
  TokenAlgorithm,
  TokenSource,
  UnavailableCode,
  VerifiedAccess,
  Verifier,
} from "../resource/index.ts"
