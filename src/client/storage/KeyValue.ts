/**
 * Where credentials are kept, as little as has to be known of it: texts under keys.
 *
 * Whatever a program already has (a keychain, a database, a file) can be one. What it cannot do it leaves out: with
 * `withLock` or `compareAndSet` several processes may share it, with neither only the calls of one process are kept
 * apart. It never looks into what it keeps.
 */

/** Keeps texts under keys. Every method rejects when the store cannot be used, and never answers a guess. */
export interface KeyValue {
  /** What is stored; `undefined` when nothing is, or when its time is over. */
  get(key: string): Promise<string | undefined>
  /** Replaces what is stored, wholly or not at all. Without `ttlSeconds` it stays until it is deleted. */
  set(key: string, value: string, options?: { readonly ttlSeconds?: number }): Promise<void>
  /** Nothing is stored afterwards; that nothing was is no error. */
  delete(key: string): Promise<void>
  /** Sets `next` iff what is stored equals `expected` (`undefined`: nothing is); says whether it did. `next` undefined deletes. */
  compareAndSet?(
    key: string,
    expected: string | undefined,
    next: string | undefined,
    options?: { readonly ttlSeconds?: number },
  ): Promise<boolean>
  /**
   * Runs `body` while nobody else, in any process that shares the store, holds the lock of this key.
   *
   * The lock keeps out other holders of it, not `get` and `set`; it must not be taken again inside `body`.
   */
  withLock?<A>(key: string, body: () => Promise<A>): Promise<A>
}
