/** Why mutants of Stryker in `src/client` may live: what the client keeps, and its locks. */
import { at, type Explanation } from "../../Explanation.ts"

export const storage: ReadonlyArray<Explanation> = [
  {
    why: "the same: what the package cannot remove is removed no better a second time",
    places: [at("storage/FileLock.ts", 'reasonOf(cause) === "ERELEASED"', "true")],
  },
  {
    why: "the same: no sum of the pauses is that number exactly",
    places: [at("storage/LockWait.ts", "waitedMillis < LONGEST_WAIT_MILLIS", "waitedMillis <= LONGEST_WAIT_MILLIS")],
  },
  {
    why: "for the compiler alone: no number compares with a time or a count that is not there",
    places: [at("storage/Expiry.ts", "expiresAt !== undefined", "true")],
  },
  {
    why: "the same: what is empty between two spaces is left out",
    places: [at("storage/EncryptionKeys.ts", "/[\\s,]+/", "/[\\s,]/")],
  },
  {
    why: "for Windows alone, which has neither owners nor rights of this kind",
    places: [
      at("storage/EncryptionKeys.ts", 'process.platform !== "win32"', "true"),
      at("storage/EncryptionKeys.ts", '"win32"', '""'),
    ],
  },
  {
    why: "the same: JSON has no member that is `undefined`",
    places: [at("storage/Expiry.ts", "expiresAt === undefined", "false")],
  },
  {
    why: "the same: text is written in UTF-8 also where nothing is said",
    places: [at("storage/FileKeyValue.ts", '"utf8"', '""')],
  },
  {
    why: "the same but for one more lock: only names that begin with a digest are removed",
    places: [
      at("storage/FileKeyValue.ts", "/^([0-9a-f]{64})\\.json(?:\\.\\d+)?$/", "/([0-9a-f]{64})\\.json(?:\\.\\d+)?$/"),
    ],
  },
  {
    why: "the same: who has lost the lease is told at its end, by the lease itself",
    places: [at("storage/LeaseLock.ts", "true", "false"), at("storage/LeaseLock.ts", "!isLost", "true")],
  },
  {
    why: "the same: what is not there cannot be read, and what cannot be read is nobody's",
    places: [at("storage/LeaseLock.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "memory alone: what has ended is given to nobody, forgotten or not",
    places: [at("storage/MemoryKeyValue.ts", "stored.delete(key)", ";")],
  },
  {
    why: "the same: what is stored as `undefined` is, for whoever reads it, not stored",
    places: [at("storage/MemoryKeyValue.ts", "next === undefined", "false")],
  },
  {
    why: "memory alone: a turn that is over is waited for by nobody, forgotten or not",
    places: [
      at("storage/KeyedMutex.ts", "{ if (last.get(name) === settled) last.delete(name) }", "{}"),
      at("storage/KeyedMutex.ts", "last.get(name) === settled", "false"),
      at("storage/KeyedMutex.ts", "last.delete(name)", ";"),
    ],
  },
]
