/** `grantlog/resource`: tokens checked in front of an API, wherever it runs. Loads no server. */
export {
  AccessRefused,
  ResourceFault,
  VerifierUnavailable,
  accessOf,
  inProcessVerifier,
  introspectionVerifier,
  protectResource,
} from "../resource/index.ts"
export type {
  IntrospectionOptions,
  Next,
  PlainReply,
  ProofOptions,
  ProtectOptions,
  ProtectedResource,
  RefusalCode,
  ResourceFaultCode,
  ResourceMetadata,
  ResourceOptions,
  TokenSource,
  UnavailableCode,
  VerifiedAccess,
  Verifier,
} from "../resource/index.ts"
