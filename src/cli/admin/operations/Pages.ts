/** What is asked of every list. */
import * as Schema from "effect/Schema"
import { MAX_LISTED } from "../../Listing.ts"

/** Which page of a list; `reversed` says how it is sorted when it is turned round. */
export const pageFields = (reversed: string) => ({
  reverse: Schema.optionalKey(Schema.Boolean.annotate({ description: reversed })),
  before: Schema.optionalKey(Schema.String.annotate({ description: "go back: what comes before this one" })),
  after: Schema.optionalKey(Schema.String.annotate({ description: "go on: what comes behind this one" })),
  limit: Schema.optionalKey(
    Schema.Int.check(Schema.isBetween({ minimum: 1, maximum: MAX_LISTED })).annotate({
      description: "how many at most; by default 100",
    }),
  ),
})
