/**
 * `grantlog/audit`: the questions to a log without a server, and what verifies an export without the log.
 *
 * `server.audit` of `grantlog` has the same questions; `grantlog/log` verifies checkpoints and proofs.
 */
export { CheckpointFault } from "../audit/index.ts"
export type {
  AliveGrant,
  BlastGrant,
  BlastRadius,
  Cause,
  EntryAlarm,
  Explained,
  Explanation,
  Finding,
  HistoryPage,
  HistoryPageQuery,
  IntrospectedAt,
  Moment,
  NotOurs,
  Relative,
  SignedHead,
  Standing,
  Verified,
  VerifiedExport,
} from "../audit/index.ts"
export {
  ProofFault,
  openAudit,
  verifyExport,
  type AsOf,
  type AuditOptions,
  type BlastQuestion,
  type ExplainOptions,
  type ExportQuestion,
  type FollowQuestion,
  type HistoryQuestion,
  type KeepCheckpointsOptions,
  type OpenedAudit,
  type ProofFaultCode,
  type VerifyQuestion,
  type WatchQuestion,
} from "../embedded/index.ts"
export { StoreFault, type Recorded } from "../log/index.ts"
export type { OpenedRequestOrigin } from "../provider/index.ts"
