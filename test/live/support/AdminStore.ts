/** A store with names in it as a server has one: with its key ring beside it, and a passkey of `demo`. */
import { writeFileSync } from "node:fs"
import { DatabaseSync } from "node:sqlite"
import { passkeyIdOf } from "../../../src/provider/PasskeyRows.ts"
import { namedStore, type NamedStore } from "./NamedStore.ts"

export interface AdminStore extends NamedStore {
  /** The id of the passkey of `demo`. */
  readonly passkey: string
}

const CREDENTIAL = "credential-of-demo"

export const adminStore = async (): Promise<AdminStore> => {
  const store = await namedStore()
  writeFileSync(`${store.file}.keys.json`, store.keys, { mode: 0o600 })
  const database = new DatabaseSync(store.file)
  database
    .prepare(
      `insert into passkeys (credential_id, subject_id, name, public_key, sign_count, transports, is_synced, created_at)
       values (?, ?, 'a phone', 'none', 0, '', 1, 1)`,
    )
    .run(CREDENTIAL, store.demo)
  database.close()
  return { ...store, passkey: passkeyIdOf(CREDENTIAL) }
}
