/**
 * What `--store` and its companions name: where the log is, its key ring, and what lies beside it.
 *
 * The address of a database may hold a password, which is in nothing that is shown.
 */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { shownAddress } from "../log/index.ts"
import { keyFileOf } from "../provider/index.ts"
import { UsageFault } from "./Failure.ts"

export interface StoreLocation {
  /** As it may be shown. */
  readonly name: string
  /** `undefined` for a store that is in no file. */
  readonly file: string | undefined
  /** `undefined` for a store that is in no database elsewhere. */
  readonly database: Database | undefined
  /** Where its key ring is; `undefined` for one in memory, and where it was not said. */
  readonly keyFile: string | undefined
  /** Whether it was said where the key ring is. */
  readonly isKeyFileGiven: boolean
}

export interface Database {
  readonly url: string
  /** The other database, for what must not come back with a backup of the first; `undefined` where none was named. */
  readonly beside: string | undefined
}

export interface LocationFlags {
  readonly store: string
  readonly beside: Option.Option<string>
  readonly keysFile: Option.Option<string>
}

/** What nobody else can see. */
export const isInMemory = ({ file, database }: StoreLocation): boolean => file === undefined && database === undefined

export const isDatabase = (address: string): boolean => /^postgres(?:ql)?:\/\//.test(address)

const refuse = (message: string) => Effect.fail(new UsageFault({ message }))

export const locate = ({
  store,
  beside: givenBeside,
  keysFile,
}: LocationFlags): Effect.Effect<StoreLocation, UsageFault> => {
  const beside = Option.getOrUndefined(givenBeside)
  const isKeyFileGiven = Option.isSome(keysFile)
  if (isDatabase(store)) {
    if (beside !== undefined && !isDatabase(beside)) {
      return refuse("--beside is no address of a database: postgres://USER:PASSWORD@HOST/DATABASE")
    }
    const keyFile = Option.getOrUndefined(keysFile)
    const database = { url: store, beside }
    return Effect.succeed({ name: shownAddress(store), file: undefined, database, keyFile, isKeyFileGiven })
  }
  if (beside !== undefined)
    return refuse("--beside goes with --store postgres://…: what lies beside a file is beside it")
  const nowhere = { name: store, file: undefined, database: undefined, isKeyFileGiven }
  if (store === "memory:") return Effect.succeed({ ...nowhere, keyFile: undefined })
  const file = store.startsWith("sqlite:") ? store.slice(7) : ""
  if (file === "") return refuse(`--store \`${store}\` is neither sqlite:FILE, postgres://… nor memory:`)
  return Effect.succeed({ ...nowhere, file, keyFile: Option.getOrElse(keysFile, () => keyFileOf(file)) })
}
