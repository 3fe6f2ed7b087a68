/** Why mutants of Stryker in `src/audit/proof`, and in what is told of the log as it goes, may live. */
import { at, type Explanation } from "../../Explanation.ts"

export const proof: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: what is found there is always defined",
    places: [
      at("console/GrantLineage.ts", "one !== null", "true"),
      at("console/LogState.ts", "heads === undefined", "false"),
      at("console/Timeline.ts", "last?.[0]?.correlationId", "last?.[0].correlationId"),
      at("proof/Verify.ts", "gapBefore !== undefined", "false"),

      at("proof/Witnesses.ts", "ahead !== undefined", "true"),
      at("proof/Witnesses.ts", "size !== undefined", "true"),
      at("tiles/Tile.ts", "level === undefined || index === undefined", "level === undefined && index === undefined"),
      at("tiles/Tile.ts", "level === undefined", "false"),
      at("tiles/Tile.ts", "index === undefined", "false"),
      at("watch/Alarms.ts", "oldest !== undefined", "true"),
    ],
  },
  {
    why: "the same: a path is spelled again from the tile that it names, and has to be that one",
    places: [
      at(
        "tiles/Tile.ts",
        "/^tile\\/(\\d{1,2})\\/((?:x\\d{3}\\/){0,4}\\d{3})(?:\\.p\\/(\\d{1,3}))?$/",
        "/tile\\/(\\d{1,2})\\/((?:x\\d{3}\\/){0,4}\\d{3})(?:\\.p\\/(\\d{1,3}))?$/",
      ),
      at(
        "tiles/Tile.ts",
        "/^tile\\/(\\d{1,2})\\/((?:x\\d{3}\\/){0,4}\\d{3})(?:\\.p\\/(\\d{1,3}))?$/",
        "/^tile\\/(\\d{1,2})\\/((?:x\\d{3}\\/){0,4}\\d{3})(?:\\.p\\/(\\d{1,3}))?/",
      ),
      at("tiles/Tile.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same: what falls out of the switch, or of the block, gives nothing either",
    places: [
      at("proof/VerifyExport.ts", "{ return undefined }", "{}"),
      at("watch/Alarms.ts", "default: return undefined", "default:"),
    ],
  },
  {
    why: "the same: a store's fault that gets there is `corrupt`",
    places: [
      at("watch/CheckpointAlarms.ts", 'fault._tag === "StoreFault"', "false"),
      at("watch/CheckpointAlarms.ts", '"StoreFault"', '""'),
    ],
  },
  {
    why: "the same: every issuer begins with its scheme",
    places: [at("proof/CheckpointFiles.ts", "/^https?:\\/\\//", "/https?:\\/\\//")],
  },
  {
    why: "the same: from a size to itself there is nothing to prove",
    places: [at("proof/Witnesses.ts", "from === head.size", "false")],
  },
  {
    why: "never used: a note that does not open is refused before anything is signed",
    places: [at("proof/Witnesses.ts", "() => 0", "() => undefined")],
  },
  {
    why: "the same: who is ahead has seen more than the checkpoint has",
    places: [at("proof/Witnesses.ts", "ahead > signed.size", "ahead >= signed.size")],
  },
  {
    why: "the same: an exchange without a row before it is one for a row that is not there",
    places: [at("proof/CheckpointRows.ts", "before === undefined", "false")],
  },
  {
    why: "the same: a row that is there is not made, and is looked at then",
    places: [at("proof/CheckpointRows.ts", "row === undefined", "true")],
  },
  {
    why: "for the compiler alone: what keeps a row from being made is there",
    places: [at("proof/CheckpointRows.ts", "{ key }", "{}")],
  },
  {
    why: "the same: such an entry is at no position",
    places: [at("proof/Checkpoints.ts", "[]", '["Stryker was here"]')],
  },
]
