/** The server for programs that do not use Effect. */
export type {
  AsOf,
  AuditFailure,
  AuditQuestions,
  BlastQuestion,
  ExplainOptions,
  ExportQuestion,
  HistoryQuestion,
  KeepCheckpointsOptions,
  VerifyQuestion,
} from "./AuditQuestions.ts"
export {
  authorizationServer,
  type EmbeddedEffects,
  type EmbeddedOptions,
  type EmbeddedServer,
} from "./EmbeddedServer.ts"
export type { Promised } from "./Promised.ts"
