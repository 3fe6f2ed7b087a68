/**
 * Texts in files of a private folder, one for each key, shared by as many processes as like.
 *
 * A file's name is a digest, so that no two keys share one on any file system, whatever their letters. A value is
 * replaced by a rename: who reads sees the old one or the new one, also after a crash in between. Writing takes a lock of
 * its own, apart from the one that `withLock` gives, and removes what a crashed writer left behind. For local disks: on a
 * network's, its word for time and renames would have to be taken.
 */
import { createHash } from "node:crypto"
import { readdir, rm } from "node:fs/promises"
import { join, resolve } from "node:path"
import { machineTime } from "../../outbound/index.ts"
import { endOf, readDated, writeDated } from "./Expiry.ts"
import { withFileLock } from "./FileLock.ts"
import type { KeyValue } from "./KeyValue.ts"
import { checkPrivateFolder, openPrivateFolder, readPrivateFile, unavailable } from "./PrivateFolder.ts"
import { makeKeyedMutex } from "./KeyedMutex.ts"

/** The clock of a store in files, for tests. */
export interface FileKeyValueOptions {
  /** The time in milliseconds since the epoch; default the machine's. */
  readonly now?: () => number
}

/** A key-value store in the files of a folder, with locks that hold across processes. */
export interface FileKeyValue extends Required<KeyValue> {
  /** Deletes every value in the folder, and nothing that is not one. */
  readonly clearAll: () => Promise<void>
}

/** A value, or what is left of an attempt to write one. */
const VALUE_FILE = /^([0-9a-f]{64})\.json(?:\.\d+)?$/

/**
 * Keeps values in `folder`, which is made when the first is set: 0700, its files 0600.
 *
 * @example
 * import { fileKeyValue } from "grantlog/client"
 *
 * const store = fileKeyValue("tokens")
 * await store.set("name", "value")
 */
export const fileKeyValue = (folder: string, { now = machineTime }: FileKeyValueOptions = {}): FileKeyValue => {
  const root = resolve(folder)
  const mutex = makeKeyedMutex()
  const digestOf = (key: string) => createHash("sha256").update(key).digest("hex")
  const fileOf = (digest: string) => join(root, `${digest}.json`)

  const read = async (key: string): Promise<string | undefined> => {
    const file = fileOf(digestOf(key))
    const text = (await checkPrivateFolder(root)) ? await readPrivateFile(file) : undefined
    return text === undefined ? undefined : readDated(text, key, now(), `\`${file}\``)
  }

  /** Alone among those who write values of this digest. */
  const writing = <A>(digest: string, name: string, body: () => Promise<A>): Promise<A> =>
    mutex
      .run(`${digest}.write`, () => withFileLock(join(root, `${digest}.write-lock`), name, body))
      .catch((cause: unknown) => {
        throw unavailable(`writing in \`${root}\``, cause)
      })

  const remove = async (digest: string): Promise<void> => {
    for (const name of await valueFiles()) if (name.startsWith(digest)) await rm(join(root, name), { force: true })
  }

  const replace = async (key: string, text: string): Promise<void> => {
    const digest = digestOf(key)
    for (const name of await valueFiles())
      if (name.startsWith(`${digest}.json.`)) await rm(join(root, name), { force: true })
    // A link in its place would be followed by what writes.
    await readPrivateFile(fileOf(digest))
    const { default: writeFileAtomic } = await import("write-file-atomic")
    await writeFileAtomic(fileOf(digest), text, { mode: 0o600, encoding: "utf8" })
  }

  const valueFiles = async (): Promise<ReadonlyArray<string>> =>
    (await readdir(root)).filter((name) => VALUE_FILE.test(name))

  return {
    get: read,
    set: async (key, value, { ttlSeconds } = {}) => {
      const text = writeDated(key, value, endOf(now(), ttlSeconds))
      await openPrivateFolder(root)
      await writing(digestOf(key), key, () => replace(key, text))
    },
    delete: async (key) => {
      const digest = digestOf(key)
      if (await checkPrivateFolder(root)) await writing(digest, key, () => remove(digest))
    },
    compareAndSet: async (key, expected, next, { ttlSeconds } = {}) => {
      const expiresAt = endOf(now(), ttlSeconds)
      await openPrivateFolder(root)
      return writing(digestOf(key), key, async () => {
        if ((await read(key)) !== expected) return false
        await (next === undefined ? remove(digestOf(key)) : replace(key, writeDated(key, next, expiresAt)))
        return true
      })
    },
    withLock: async (key, body) => {
      await openPrivateFolder(root)
      return mutex.run(key, () => withFileLock(join(root, `${digestOf(key)}.lock`), key, body))
    },
    clearAll: async () => {
      if (!(await checkPrivateFolder(root))) return
      const digests = new Set((await valueFiles()).map((name) => VALUE_FILE.exec(name)![1]!))
      for (const digest of digests) await writing(digest, digest, () => remove(digest))
    },
  }
}
