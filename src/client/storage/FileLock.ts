/**
 * A lock that several processes see: a folder that one of them could make, and whose time it renews while it works.
 *
 * Who dies no longer renews it, and after {@link STALE_MILLIS} it is taken over. The package that does this takes a dead
 * lock away without looking whether somebody else just did and holds it now; so it is not asked to: taking away is done
 * here, under a lock of its own. A holder that stood still for so long that it was taken over is told at its end.
 */
import { rmdir, stat } from "node:fs/promises"
import { machineTime } from "../../outbound/index.ts"
import { waitForLock } from "./LockWait.ts"
import { reasonOf, unavailable } from "./PrivateFolder.ts"
import { StorageError } from "./StorageError.ts"

export const STALE_MILLIS = 10_000
const RENEWAL_MILLIS = 2_000
/** To the package: never take it away yourself. */
const NEVER_MILLIS = 1e14

/** Runs `body` while this process holds the lock at `path`; the folder around it must be there. `name` is for people. */
export const withFileLock = async <A>(path: string, name: string, body: () => Promise<A>): Promise<A> => {
  const release = await waitForLock(name, () => take(path))
  const identity = await identityOf(path)
  const finish = async (): Promise<boolean> => {
    // INVARIANT: what somebody else holds by now is not taken from them.
    if (identity === undefined || (await identityOf(path)) !== identity) return false
    await release()
      // Somebody else set its time, so that the package gave it up; it is ours all the same.
      .catch((cause: unknown) => (reasonOf(cause) === "ERELEASED" ? rmdir(path) : Promise.reject(cause)))
      .catch((cause: unknown) => {
        throw unavailable(`giving back the lock \`${path}\``, cause)
      })
    return true
  }
  const done = await body().catch(async (cause: unknown) => {
    await finish().catch(() => undefined)
    throw cause
  })
  if (await finish()) return done
  const message = `the lock of \`${name}\` was taken over while this process stood still: read what is stored again`
  throw new StorageError({ code: "lock_lost", message })
}

const take = async (path: string): Promise<(() => Promise<void>) | undefined> => {
  const release = await tryLock(path, NEVER_MILLIS)
  if (release === undefined) await removeIfStale(path)
  return release
}

const tryLock = async (path: string, stale: number): Promise<(() => Promise<void>) | undefined> => {
  const { lock } = await import("proper-lockfile")
  try {
    return await lock(path, {
      lockfilePath: path,
      realpath: false,
      stale,
      update: RENEWAL_MILLIS,
      // Told at the end, by the identity: an exception out of a timer would end the process.
      onCompromised: () => undefined,
    })
  } catch (cause) {
    if (reasonOf(cause) === "ELOCKED") return undefined
    throw unavailable(`taking the lock \`${path}\``, cause)
  }
}

const removeIfStale = async (path: string): Promise<void> => {
  if (!(await isStale(path))) return
  const release = await tryLock(`${path}.takeover`, STALE_MILLIS)
  if (release === undefined) return
  try {
    // Somebody may have taken it over since.
    if (await isStale(path)) await rmdir(path)
  } catch (cause) {
    if (reasonOf(cause) !== "ENOENT") throw unavailable(`taking over the lock \`${path}\``, cause)
  } finally {
    await release()
  }
}

const statOf = (path: string) =>
  stat(path, { bigint: true }).catch((cause: unknown) => {
    if (reasonOf(cause) === "ENOENT") return undefined
    throw unavailable(`looking at the lock \`${path}\``, cause)
  })

const isStale = async (path: string): Promise<boolean> => {
  const found = await statOf(path)
  return found !== undefined && Number(found.mtimeMs) < machineTime() - STALE_MILLIS
}

/** Which one it is: a folder made anew under the same name is another one. */
const identityOf = async (path: string): Promise<string | undefined> => {
  const found = await statOf(path)
  return found === undefined ? undefined : `${found.ino}-${found.birthtimeNs}`
}
