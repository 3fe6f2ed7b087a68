/**
 * A lock over nothing but compare-and-set: a lease that is written down, renewed while it is used, and taken over when
 * it was not renewed in time.
 *
 * The lease ends by its own word, not only by the store's ttl. Whoever shares it must agree about the time to well
 * within {@link LEASE_MILLIS}.
 */
import { generateRandomState } from "oauth4webapi"
import { isFiniteNumber, isRecordOf, isText } from "../LenientReading.ts"
import { jsonIn } from "../ResponseBody.ts"
import type { KeyValue } from "./KeyValue.ts"
import { waitForLock } from "./LockWait.ts"
import { StorageError } from "./StorageError.ts"

export const LEASE_MILLIS = 15_000

interface Lease {
  readonly owner: string
  /** Milliseconds since the epoch. */
  readonly until: number
}

const isLease = isRecordOf<Lease>({ owner: isText, until: isFiniteNumber }, ["owner", "until"])

type Comparing = KeyValue & Required<Pick<KeyValue, "compareAndSet">>

export const isComparing = (store: KeyValue): store is Comparing => store.compareAndSet !== undefined

export const withLease = async <A>(
  store: Comparing,
  key: string,
  now: () => number,
  body: () => Promise<A>,
): Promise<A> => {
  const owner = generateRandomState()
  const nextLease = () => JSON.stringify({ owner, until: now() + LEASE_MILLIS })
  const put = async (expected: string | undefined, next: string | undefined) =>
    (await store.compareAndSet(key, expected, next, next === undefined ? {} : { ttlSeconds: LEASE_MILLIS / 1000 }))
      ? { text: next }
      : undefined
  const take = async () => {
    const found = await store.get(key)
    return isHeld(found, now()) ? undefined : put(found, nextLease())
  }

  let held = await waitForLock(key, take)
  let renewing: Promise<void> = Promise.resolve()
  let isLost = false
  const renew = async () => {
    const renewed = await put(held.text, nextLease())
    if (renewed === undefined) isLost = true
    else held = renewed
  }
  // A store that fails once may answer the next time; at the end the lease itself says whether it was kept.
  const timer = setInterval(() => {
    if (!isLost) renewing = renewing.then(renew).catch(() => undefined)
  }, LEASE_MILLIS / 3)
  timer.unref()
  const release = async () => {
    clearInterval(timer)
    await renewing
    return !isLost && (await put(held.text, undefined)) !== undefined
  }

  const done = await body().catch(async (cause: unknown) => {
    await release().catch(() => undefined)
    throw cause
  })
  if (await release()) return done
  const message = `the lock of \`${key}\` was taken over by somebody else in the meantime: read what is stored again`
  throw new StorageError({ code: "lock_lost", message })
}

/** Whether somebody holds the lease; one that cannot be read is held by nobody. */
const isHeld = (text: string | undefined, now: number): boolean => {
  const lease = jsonIn(text ?? "")
  return isLease(lease) && now < lease.until
}
