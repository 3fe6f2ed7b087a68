/** Why mutants of Stryker in `src/audit/explain` may live. */
import { at, type Explanation } from "../../Explanation.ts"

export const explain: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: what is found there is always defined, or has not the members that are looked at next",
    places: [
      at("explain/BlastRadius.ts", "openedSince === undefined", "false"),
      at("explain/EventLine.ts", '""', '"Stryker was here!"'),
      at("explain/EventLine.ts", "descent?.ancestors[0]?.digest", "descent?.ancestors[0].digest"),
      at("explain/EventLine.ts", "descent?.ancestors", "descent.ancestors"),
      at("explain/Explain.ts", 'state.grant._tag === "Denied"', "true"),
      at("explain/Explain.ts", "jwt === undefined", "false"),
    ],
  },
  {
    why: "the same: there is no grant and no stream of that name, so that nothing is read in vain",
    places: [
      at("explain/Explain.ts", "grantId === undefined", "false"),
      at("explain/Explain.ts", "namedGrant === undefined", "false"),
    ],
  },
  {
    why: "the same: no entry has such a position",
    places: [at("explain/Explain.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "the same: the list is cut in the end; until then it is only kept from growing",
    places: [
      at("explain/BlastRadius.ts", "named.length > 2 * limit", "true"),
      at("explain/BlastRadius.ts", "named.length > 2 * limit", "false"),
      at("explain/BlastRadius.ts", "named.length > 2 * limit", "named.length >= 2 * limit"),
      at("explain/BlastRadius.ts", "named.length > 2 * limit", "named.length <= 2 * limit"),
      at("explain/BlastRadius.ts", "2 * limit", "2 / limit"),
    ],
  },
  {
    why: "the same: those that are equal are told apart before",
    places: [at("explain/BlastRadius.ts", "left < right", "left <= right")],
  },
  {
    why: "the same: what falls out of the switch gives nothing either",
    places: [
      at("explain/EventLine.ts", "default: return undefined", "default:"),
      at("explain/Lineage.ts", "default: return false", "default:"),
    ],
  },
  {
    why: "never shown: an event without a client names none",
    places: [at("explain/EventLine.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: a subject's own standing proves no theft",
    places: [at("explain/Advice.ts", 'kind !== "subject"', "true"), at("explain/Advice.ts", '"subject"', '""')],
  },
  {
    why: "the same: neither is any part of a JWT",
    places: [at("explain/SecretText.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: a stream without entries has none before its first, and a client that never was has no name",
    places: [at("explain/ClientNames.ts", "end > 0", "end >= 0")],
  },
  {
    why: "the same: no entry has no id, or such a one",
    places: [
      at("explain/EventLines.ts", "causationId !== null", "true"),
      at("explain/EventLines.ts", '""', '"Stryker was here!"'),
    ],
  },
]
