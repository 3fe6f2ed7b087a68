/** Why mutants of Stryker may live in `src/cli/observe`, which watches a server that runs. */
import { at, type Explanation } from "../../Explanation.ts"

export const observe: ReadonlyArray<Explanation> = [
  {
    why: "the same: for the compiler alone; without it the size of a file is asked that is not there, which is 0",
    places: [at("observe/MetricsListener.ts", "file === undefined", "false")],
  },
  {
    why: "the same: for the compiler alone, which wants every outcome in the table; what stands beside one is not read",
    places: Array.from({ length: 7 }, () => at("observe/Metrics.ts", "true", "false")),
  },
  {
    why: "never read: whoever collects batches asks only whether one was taken",
    places: [at("observe/Otlp.ts", '"too many under way"', '""')],
  },
  {
    why: "the same: for the compiler alone; where there is no address, nothing is sent and nobody is told, either",
    places: [at("observe/Otlp.ts", "destination === undefined", "false")],
  },
  {
    why: "the same: nothing names no service, either",
    places: [at("observe/Otlp.ts", '""', '"Stryker was here!"')],
  },
]
