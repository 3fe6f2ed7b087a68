/**
 * What a provider is tried with, besides its factory: the clock that it is given, and what only its author can say of it.
 *
 * Types alone, for whoever finds these things out and whoever goes by them. What a provider can do is found out later
 * (`Abilities.ts`) and is never a part of this.
 */
import type { Patience } from "./Calls.ts"
import type { KitClock } from "./Clock.ts"
import type { AnyProvider } from "./Factory.ts"
import type { Approve } from "./Login.ts"
import type { Store } from "./Stored.ts"
import type { Words } from "./Words.ts"

/** What a provider takes `now` for. */
export type Unit = "milliseconds" | "seconds"

/** Another provider over what this one has stored. */
export type Restart = (provider: never) => AnyProvider | Promise<AnyProvider>

export interface Connection {
  readonly clock: KitClock
  /** What the provider takes `now` for, and is given it in. */
  readonly unit: Unit
  readonly patience: Patience
  readonly words: Words
  /** Where clients wait for codes, if the kit's own addresses are not taken. */
  readonly redirectUris?: ReadonlyArray<string> | undefined
  readonly approve?: Approve | undefined
  readonly restart?: Restart | undefined
  readonly store?: Store | undefined
}
