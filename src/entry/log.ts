/**
 * `grantlog/log`: what a log is, for whoever brings a SQLite of their own, or verifies what a log has signed.
 *
 * Verifying needs no log: a file and the key of whoever signed it are enough.
 */
export { ProofFault, openCheckpoint, verifyProof, type ProofFaultCode, type VerifiedProof } from "../embedded/index.ts"
export {
  StoreFault,
  consistencyProof,
  emptyRoot,
  inclusionProof,
  isConsistent,
  leafHash,
  nodeHash,
  openBetterSqlite3,
  openNodeSqlite,
  rootFromInclusion,
  rootOf,
} from "../log/index.ts"
export type {
  Consistency,
  Inclusion,
  OpenSqlite,
  PostgresSettings,
  Recorded,
  SqliteDriver,
  SqliteSettings,
  StoredEntry,
  SubtreeHash,
  Tree,
  TreeHead,
} from "../log/index.ts"
