/** The server and its audit for programs that do not use Effect. */
export type {
  AsOf,
  AuditFailure,
  AuditQuestions,
  BlastQuestion,
  ExplainOptions,
  ExportQuestion,
  FollowQuestion,
  HistoryQuestion,
  KeepCheckpointsOptions,
  VerifyQuestion,
  WatchQuestion,
} from "./AuditQuestions.ts"
export {
  authorizationServer,
  type EmbeddedEffects,
  type EmbeddedOptions,
  type EmbeddedServer,
} from "./EmbeddedServer.ts"
export { openAudit, type AuditOptions, type OpenedAudit } from "./OpenAudit.ts"
export {
  openCheckpoint,
  ProofFault,
  verifyExport,
  verifyProof,
  type ProofFaultCode,
  type VerifiedProof,
} from "./OfflineProof.ts"
export type { Promised } from "./Promised.ts"
