/** Why mutants of Stryker in `src/audit/archive` may live. */
import { at, type Explanation } from "../../Explanation.ts"

export const archive: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: what is found there is always defined, or what it is made of is not",
    places: [
      at("archive/InspectArchives.ts", "[]", '["Stryker was here"]'),
      at("archive/InspectArchives.ts", "given === undefined", "false"),
      at("archive/MakeArchive.ts", "inlineProjection.retire?.(entries)", "inlineProjection.retire(entries)"),
      at("archive/MakeArchive.ts", "retired === undefined", "false"),
      at("archive/MakeArchive.ts", "last === undefined", "false"),
      at("archive/Statement.ts", '""', '"Stryker was here!"'),
      at("archive/Statement.ts", '""', '"Stryker was here!"'),
      at("archive/Statement.ts", '""', '"Stryker was here!"'),
      at("archive/VerifyArchive.ts", "inlineProjection.retire?.(entries)", "inlineProjection.retire(entries)"),
      at("archive/VerifyArchive.ts", "Result.isFailure(read)", "true"),
    ],
  },
  {
    why: "the same: trees of two sizes have two roots",
    places: [at("archive/InspectArchives.ts", "own.size() !== tree.size()", "false")],
  },
  {
    why: "the same answer, with the streams of finished archives in memory",
    places: [
      at("archive/InspectArchives.ts", 'row["is_whole"] !== 1', "true"),
      at("archive/InspectArchives.ts", '"is_whole"', '""'),
    ],
  },
  {
    why: "never called: only streams are walked",
    places: [
      at("archive/VerifyArchive.ts", "() => Effect.succeed([])", "() => undefined"),
      at("archive/VerifyArchive.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same answer: the first thing that is wrong is told, whatever is read after it",
    places: [at("archive/VerifyArchive.ts", "wrong === undefined", "true")],
  },
  {
    why: "the same: the names of streams come behind a capital",
    places: [at("archive/MakeArchive.ts", '""', '"Stryker was here!"')],
  },
]
