/**
 * A process of its own on a shared folder of credentials: `node StorageProcess.ts <folder> <task>`, the key of
 * encryption in the environment.
 *
 * `count` waits for a word, then raises a number twenty times, alone each time. `hold` takes the lock and says so.
 * `crash` says so between writing a value and putting it in its place. The last two then stay as they are, to be killed.
 */
import { once } from "node:events"
import fs from "node:fs"
import {
  EncryptedKeyValue,
  TokenStorageAdapter,
  encryptionKeysFromEnvironment,
  fileKeyValue,
} from "../../../src/client/storage/index.ts"

const ROUNDS = 20
const [, , folder, task] = process.argv
const keyValue = EncryptedKeyValue(fileKeyValue(folder!), await encryptionKeysFromEnvironment())
const storage = TokenStorageAdapter(keyValue, "https://example.com/mcp")

/** The number lives where the expiry of the tokens is. */
const raise = async () => {
  const stored = await storage.getTokens()
  const tokens = { access_token: "access", token_type: "Bearer" }
  await storage.setTokens({ tokens, expiresAt: (stored?.expiresAt ?? 0) + 1, issuer: "https://issuer.example" })
}

const sayAndStay = async (): Promise<void> => {
  process.send!("there")
  await once(process, "message")
}

switch (task) {
  case "count": {
    const told = once(process, "message")
    process.send!("there")
    await told
    for (let round = 0; round < ROUNDS; round++) await storage.exclusively(raise)
    break
  }
  case "hold":
    await storage.exclusively(sayAndStay)
    break
  case "crash": {
    // The package looks this up when it renames.
    fs.rename = Object.assign(() => void sayAndStay(), { __promisify__: sayAndStay })
    await raise()
    break
  }
}
process.disconnect()
