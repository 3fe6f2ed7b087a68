/**
 * One of several client processes that share an encrypted file store: for each line it reads, which is a time, it calls
 * the resource and prints the status and the digest of the token that it went with.
 */
import { hash } from "node:crypto"
import { createInterface } from "node:readline"
import {
  EncryptedKeyValue,
  encryptionKeysFromEnvironment,
  fileKeyValue,
  OAuth,
  TokenStorageAdapter,
} from "../../../src/client/index.ts"

const [mcpUrl = "", folder = ""] = process.argv.slice(2)
let now = 0
const keyValue = EncryptedKeyValue(fileKeyValue(folder), await encryptionKeysFromEnvironment())
const oauth = OAuth({
  mcpUrl,
  tokenStorage: TokenStorageAdapter(keyValue, mcpUrl),
  now: () => now,
  openBrowser: () => {
    throw new Error("a login was asked for")
  },
})

process.stdout.write("ready\n")
for await (const line of createInterface(process.stdin)) {
  now = Number(line)
  const { status } = await oauth.fetch(mcpUrl)
  process.stdout.write(`${status} ${hash("sha256", (await oauth.token()) ?? "")}\n`)
}
