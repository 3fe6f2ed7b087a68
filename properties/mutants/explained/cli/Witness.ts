/** Why mutants of Stryker in `src/cli/tiles` and `src/cli/witness` may live. */
import { at, type Explanation } from "../../Explanation.ts"

export const witness: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: whoever gets so far has judged each checkpoint, and found it wanting",
    places: [at("witness/Cosigned.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: what `fetch` rejects with has a cause",
    places: [
      at("witness/AskWitness.ts", "cause instanceof Error && cause.cause instanceof Error", "true"),
      at(
        "witness/AskWitness.ts",
        "cause instanceof Error && cause.cause instanceof Error",
        "cause instanceof Error || cause.cause instanceof Error",
      ),
    ],
  },
  {
    why: "the same: nothing that was told before is what is told first",
    places: [at("witness/Witnessing.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "for the compiler alone: a request that a server of Node got has a target",
    places: [at("tiles/TilesListener.ts", '"/"', '""')],
  },
  {
    why: "the same: a text that is no note was signed by nobody, or by one that signed no other",
    places: [
      at("tiles/WriteTiles.ts", "() => []", "() => undefined"),
      at("tiles/WriteTiles.ts", "[]", '["Stryker was here"]'),
      at("tiles/WriteTiles.ts", '""', '"Stryker was here!"'),
    ],
  },
  {
    why: "the same: neither is a checkpoint, and what is said of it is the same",
    places: [at("tiles/WriteTiles.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "never said: what is removed lies in a folder that was written to a moment ago",
    places: [at("tiles/WriteTiles.ts", '"removed"', '""')],
  },
]
