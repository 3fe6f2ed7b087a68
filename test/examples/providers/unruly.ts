/**
 * Providers that do more than answer wrongly: each is sound but for one call that hangs, loops, ends the process, or
 * fails where nobody waits for it.
 */
import type { OAuthProvider } from "../../../src/entry/grantlog.ts"
import { soundMemory } from "./oneFault.ts"

type Factory = (world: { readonly now: () => number }) => Promise<OAuthProvider>

const never = (): Promise<never> => new Promise(() => {})

/** As a busy loop does: nothing else runs any more. */
const block = (): never => {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)
  throw new Error("it was woken up")
}

const but =
  (changes: (provider: OAuthProvider) => Partial<OAuthProvider & AsyncDisposable>): Factory =>
  async (world) => {
    const provider = await soundMemory(world)
    return { ...provider, ...changes(provider) }
  }

export const hangs = but(() => ({ revokeToken: never }))
export const hangsWhenMade: Factory = never
export const hangsWhenDisposedOf = but(() => ({ [Symbol.asyncDispose]: never }))

export const blocks = but(() => ({ exchangeRefreshToken: block }))
export const blocksWhenMade: Factory = block
export const blocksLater = but(({ verifyToken }) => ({
  verifyToken: (token) => {
    setImmediate(block)
    return verifyToken(token)
  },
}))

export const exits = but(() => ({ revokeToken: () => process.exit(3) }))
export const exitsWell = but(() => ({ exchangeRefreshToken: () => process.exit(0) }))
export const isKilled = but(() => ({ revokeToken: () => Promise.resolve(void process.kill(process.pid, "SIGKILL")) }))

/** A promise that nobody waits for, rejected at once. */
export const rejectsAtOnce = but(({ verifyToken }) => ({
  verifyToken: (token) => {
    void Promise.reject(new Error("lost in the woods"))
    return verifyToken(token)
  },
}))
/** The same, rejected when the call is long over. */
export const rejectsLater = but(({ revokeToken }) => ({
  revokeToken: async (token, options) => {
    void new Promise((_, reject) => setTimeout(() => reject(new Error("too late")), 1))
    return revokeToken(token, options)
  },
}))
export const throwsLater = but(({ exchangeRefreshToken }) => ({
  exchangeRefreshToken: (...input) => {
    setImmediate(() => {
      throw new Error("nobody is here")
    })
    return exchangeRefreshToken(...input)
  },
}))

export default hangs
