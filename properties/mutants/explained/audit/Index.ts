/** Why mutants of Stryker in `src/audit/index` may live. */
import { at, type Explanation } from "../../Explanation.ts"

export const index: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: what is found there is always defined, or has not the members that are looked at next",
    places: [
      at("index/AuditRows.ts", "grantId === null", "false"),
      at("index/AuditRows.ts", "grantId === null", "false"),
      at("index/AuditRows.ts", "grant !== undefined", "true"),
      at("index/AuditRows.ts", 'event._tag === "GrantOpened"', "true"),
      at("index/CatchUp.ts", "last === undefined", "false"),
    ],
  },
  {
    why: "the same: a transaction that writes nothing",
    places: [at("index/ArchivedEntries.ts", "reached.length === 0", "false")],
  },
  {
    why: "the same: a database without a name goes away with its connection as well",
    places: [at("index/AuditFile.ts", '":memory:"', '""')],
  },
  {
    why: "the same: an entry that was read is not archived, and need not be looked at again",
    places: [
      at("index/AuditIndex.ts", "entry === undefined", "true"),
      at("index/AuditIndex.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same end",
    places: [
      at(
        "index/AuditRows.ts",
        'Number(before["ends_at"]) < event.expiresAt',
        'Number(before["ends_at"]) <= event.expiresAt',
      ),
    ],
  },
  {
    why: "the same: it is compared with itself alone",
    places: [at("index/CatchUp.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: the first entry is at its own position",
    places: [at("index/History.ts", "index > start", "index >= start")],
  },
]
