/** Where a client keeps its credentials. */
export { EncryptedKeyValue } from "./EncryptedKeyValue.ts"
export {
  ENCRYPTION_KEY_VARIABLE,
  encryptionKeysFromEnvironment,
  encryptionKeysFromFile,
  newEncryptionKey,
  parseEncryptionKeys,
  type EncryptionKey,
  type EncryptionKeys,
} from "./EncryptionKeys.ts"
export { fileKeyValue, type FileKeyValue, type FileKeyValueOptions } from "./FileKeyValue.ts"
export { FileTokenStorage, defaultCacheDir } from "./FileTokenStorage.ts"
export { fromKeyValueStore, type FromKeyValueStoreOptions } from "./fromKeyValueStore.ts"
export type { KeyValue } from "./KeyValue.ts"
export { memoryKeyValue, type MemoryKeyValueOptions } from "./MemoryKeyValue.ts"
export { StorageError, type StorageErrorCode } from "./StorageError.ts"
export type { StoredClient, StoredTokens, TokenStorage } from "./TokenStorage.ts"
export { TokenStorageAdapter, type TokenStorageAdapterOptions } from "./TokenStorageAdapter.ts"
