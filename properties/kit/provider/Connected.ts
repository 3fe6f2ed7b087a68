/**
 * One provider, made by its factory, and how it is reached: every call is waited for as long as there is patience, and a
 * restart puts another one in its place.
 *
 * Where the factory, or what its author wrote beside it, fails, nothing can be said of the provider, and that is said. It
 * never looks at what a method gives.
 */
import { CannotCheck } from "../judging/Obstacles.ts"
import { call, messageOf, type Ask } from "./Calls.ts"
import type { Connection } from "./Connection.ts"
import { SECOND_MILLIS } from "./Ends.ts"
import { tenMethodsOf, type AnyFactory, type TenMethods } from "./Factory.ts"
import { textsIn as storedTexts } from "./Stored.ts"

export interface Connected {
  /** The one that there is now: a restart makes another. */
  readonly provider: () => TenMethods
  /** What the factory made, to tell it from others. */
  readonly made: () => unknown
  readonly ask: Ask
  /** Asks, and takes the time. */
  readonly exchange: Ask
  readonly restart: () => Promise<void>
  /** Every text that is stored now; nothing where nobody shows it. */
  readonly stored: () => Promise<ReadonlyArray<string> | undefined>
  readonly close: () => Promise<void>
}

export const connect = async (
  factory: AnyFactory,
  { clock, unit, restart, store, patience }: Connection,
): Promise<Connected> => {
  const ask: Ask = (method, body) => call(method, body, patience.millis)
  /** What its author says of it beside: where that fails, nothing can be said of the provider. */
  const companion: Ask = (name, body) =>
    ask(name, body).catch((thrown: unknown) => {
      throw new CannotCheck(`\`${name}\` failed: ${messageOf(thrown)}`)
    })
  const given = unit === "seconds" ? () => Math.floor(clock.now() / SECOND_MILLIS) : clock.now
  let made = await ask("the factory", () => factory({ now: given })).catch((thrown: unknown) => {
    throw thrown instanceof CannotCheck ? thrown : new CannotCheck(`no provider can be made: ${messageOf(thrown)}`)
  })
  let provider = tenMethodsOf(made)

  return {
    provider: () => provider,
    made: () => made,
    ask,
    exchange: async (method, body) => {
      const startedAt = process.hrtime.bigint()
      const answer = await ask(method, body)
      patience.fastestMillis = Math.min(patience.fastestMillis, Number(process.hrtime.bigint() - startedAt) / 1e6)
      return answer
    },
    restart: async () => {
      if (restart === undefined) return
      made = await companion("restart", () => restart(made as never))
      provider = tenMethodsOf(made)
    },
    stored: async () =>
      store === undefined ? undefined : storedTexts(await companion("store", () => store(made as never))),
    close: async () => {
      const disposable = made as Partial<AsyncDisposable>
      await ask("the disposal", async () => disposable[Symbol.asyncDispose]?.())
    },
  }
}
