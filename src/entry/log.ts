/**
 * `grantlog/log`: what a log is, for who reads one, brings a SQLite of their own, or verifies what a log has signed.
 *
 * The interfaces are those of effect. Verifying needs no log: a file and the key of whoever signed it are enough.
 */
export {
  NoStream,
  StoreFault,
  consistencyProof,
  emptyRoot,
  formatProof,
  formatVerifierKey,
  inclusionProof,
  isConsistent,
  leafHash,
  nodeHash,
  openBetterSqlite3,
  openCheckpoint,
  openNodeSqlite,
  parseProof,
  parseVerifierKey,
  rootFromInclusion,
  rootOf,
  verifyProof,
} from "../log/index.ts"
export type {
  Append,
  AppendOutcome,
  Consistency,
  EntryProof,
  EventLog,
  Head,
  Inclusion,
  OpenSqlite,
  PostgresSettings,
  ProposedEvent,
  Rebuilt,
  Recorded,
  SqliteDriver,
  SqliteSettings,
  Store,
  StoredEntry,
  SubtreeHash,
  Tree,
  TreeHead,
  VerifierKey,
} from "../log/index.ts"
