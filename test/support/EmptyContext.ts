/** A server that features may ask, for readers that are tried by themselves: it knows nobody and nothing. */
import { signsNothing, type FeatureContext } from "../../src/provider/index.ts"

const unasked = (): never => {
  throw new Error("nothing was to be asked of the server here")
}

/** The time is 0 and no client is known; whatever else is asked is a mistake of the test. */
export const emptyContext: FeatureContext = {
  issuer: "https://id.example",
  now: () => 0,
  client: () => Promise.resolve(undefined),
  secrets: () => [],
  keysOf: unasked,
  ...signsNothing,
  carried: { encrypt: unasked, decrypt: unasked },
  authenticate: unasked,
  clientFor: unasked,
  accessOf: unasked,
  audienceOf: unasked,
  subjectOf: unasked,
  newGrantId: unasked,
  judgeRequest: unasked,
}
