/** The audit: what the log proves, and what it answers. */
export { archivedAdvice, quoted } from "./explain/Advice.ts"
export * from "./watch/Alarms.ts"
export * from "./index/AuditIndex.ts"
export * from "./explain/BlastRadius.ts"
export type { Cause } from "./asof/Causes.ts"
export * from "./explain/ClientNames.ts"
export * from "./explain/Explain.ts"
export * from "./explain/Explanation.ts"
export * from "./watch/CheckpointAlarms.ts"
export * from "./proof/CheckpointFiles.ts"
export * from "./proof/Checkpoints.ts"
export { cloudEventLines, exportLines, type ExportOptions } from "./proof/Export.ts"
export * from "./asof/StateAt.ts"
export * from "./index/History.ts"
export type { HistoryQuery } from "./index/HistoryQuery.ts"
export * from "./asof/IntrospectAt.ts"
export type { Relative, Relatives } from "./explain/Lineage.ts"
export * from "./asof/Moment.ts"
export * from "./explain/Question.ts"
export { jwtSentence, type JwtChecked, type JwtSignature, type PresentedJwt } from "./asof/PresentedJwt.ts"
export type { Rule } from "./asof/Reasons.ts"
export * from "./explain/RequestOrigins.ts"
export * from "./explain/SecretText.ts"
export { hasTile, parseTilePath, TILE_WIDTH, tileBytes, tilePath, tilesOf, type Tile } from "./tiles/Tile.ts"
export * from "./asof/Standing.ts"
export { versionAt } from "./asof/StreamAt.ts"
export { eventLinesOf } from "./explain/EventLines.ts"
export { shortDigest, eventSentence, type EventLine } from "./explain/EventLine.ts"
export {
  cosignNow,
  type AskWitness,
  type Refusal,
  type Witnessed,
  type Witnesses,
  type WitnessReply,
} from "./proof/Witnesses.ts"
export { verifyExport, type VerifiedExport } from "./proof/VerifyExport.ts"
export { MAX_FINDINGS, verifyLog, type Finding, type Verified, type VerifyOptions } from "./proof/Verify.ts"
export { makeArchive, removeArchived, type ArchiveOptions, type Removed } from "./archive/MakeArchive.ts"
export { requireArchives, withArchives } from "./archive/WithArchives.ts"
export { verifyArchive } from "./archive/VerifyArchive.ts"
export type { ArchiveStatement } from "./archive/Statement.ts"
export type { GivenArchives } from "./archive/InspectArchives.ts"
