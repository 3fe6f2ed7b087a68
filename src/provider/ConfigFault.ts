/** What cannot be served: a configuration, a list of features, a ring of keys. */
import * as Data from "effect/Data"

/** A configuration that cannot be served; the message says what to change. */
export class ConfigFault extends Data.TaggedError("ConfigFault")<{
  /** What to change, in a sentence without a period. */
  readonly message: string
}> {}
