/** What `--store` and its companions name: where the log is, its key ring, and what lies beside it. */
import { Effect, Option } from "effect"
import { keyFileOf } from "../provider/index.ts"
import { UsageFault } from "./Failure.ts"

export interface StoreLocation {
  /** As it may be shown. */
  readonly name: string
  /** `undefined` for a store that is in no file. */
  readonly file: string | undefined
  /** Where its key ring is; `undefined` for one in memory. */
  readonly keyFile: string | undefined
  /** Whether it was said where the key ring is. */
  readonly isKeyFileGiven: boolean
}

export interface LocationFlags {
  readonly store: string
  readonly keysFile: Option.Option<string>
}

/** What nobody else can see. */
export const isInMemory = ({ keyFile }: StoreLocation): boolean => keyFile === undefined

export const locate = ({ store, keysFile }: LocationFlags): Effect.Effect<StoreLocation, UsageFault> => {
  if (store === "memory:")
    return Effect.succeed({ name: store, file: undefined, keyFile: undefined, isKeyFileGiven: false })
  const file = store.startsWith("sqlite:") ? store.slice(7) : ""
  if (file === "") {
    return Effect.fail(new UsageFault({ message: `--store \`${store}\` is neither sqlite:FILE nor memory:` }))
  }
  const keyFile = Option.getOrElse(keysFile, () => keyFileOf(file))
  return Effect.succeed({ name: store, file, keyFile, isKeyFileGiven: Option.isSome(keysFile) })
}
