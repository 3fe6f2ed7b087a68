/**
 * What goes wrong in storage. The code is what a program decides by, the message says what a person can do.
 *
 * No message repeats a value or a key of encryption; the names under which things are stored may stand in one.
 */
import { CodedError, type ErrorParts } from "../../protocol/index.ts"

/** What is wrong with a store, or with what is kept in it. */
export type StorageErrorCode =
  /** What is stored cannot be read as what was stored: delete it and log in again. */
  | "corrupt"
  /** A file or folder is no plain one, or others may read or change it. */
  | "unsafe_file"
  /** The store itself failed; `cause` says how. */
  | "unavailable"
  /** Somebody else has held the lock for too long. */
  | "lock_timeout"
  /** The lock was taken over while `body` ran, which stood still for too long; what it did stands. */
  | "lock_lost"
  /** Stored in clear where only encrypted values belong. */
  | "not_encrypted"
  /** Encrypted under a key that was not given. */
  | "unknown_key"
  /** Changed after it was encrypted, or put under another name. */
  | "tampered"
  /** No key of encryption could be read from what was given. */
  | "invalid_key"
  /** An argument that cannot be meant. */
  | "invalid_argument"

/** A store that cannot be read or written, or whose content cannot be believed; `code` says why. */
export class StorageError extends CodedError<ErrorParts<StorageErrorCode>> {
  override get _tag() {
    return "StorageError" as const
  }
}
