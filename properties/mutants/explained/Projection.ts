/** Why mutants of Stryker in `src/projection` may live. */
import { at, type Explanation, type Place } from "../Explanation.ts"

const filtered = (name: string): Place => at("Projection.ts", `events.filter(${name})`, "events")
const nobody = at("Slice.ts", '""', '"Stryker was here!"')

export const projection: ReadonlyArray<Explanation> = [
  {
    why: "the same: what resources are compared by begins with a scheme in small letters, which come behind a capital",
    places: [at("Audience.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: no client has an id that is `undefined`",
    places: [at("ClientRow.ts", "after === undefined", "false")],
  },
  {
    why: "the same: for the compiler alone; such a row is there only while its client is registered, and has an audience",
    places: [
      at("ClientRow.ts", 'state._tag === "Registered" && state.audience !== null', "true"),
      at(
        "ClientRow.ts",
        'state._tag === "Registered" && state.audience !== null',
        'state._tag === "Registered" || state.audience !== null',
      ),
      at("ClientRow.ts", 'state._tag === "Registered"', "true"),
      at("ClientRow.ts", "state.audience !== null", "true"),
      at("ClientRow.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same: for the compiler alone; the row of an unused client goes when the client is deleted",
    places: [
      at("ClientRow.ts", 'state._tag !== "Registered"', "false"),
      at("ClientRow.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same: either comes before every row there is, and is there so that an index is searched, not walked",
    places: [at("ClientRow.ts", "-1", "+1"), at("ClientRow.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "never reached: where nothing happened, nothing is asked about rows",
    places: [at("ClientRow.ts", "first?._tag", "first._tag")],
  },
  {
    why: "the same: for the compiler alone; a client that was deleted lacks the members that are looked at next",
    places: [
      at("ClientRow.ts", 'after._tag === "Registered"', "true"),
      at("ClientRow.ts", 'state._tag === "Registered"', "true"),
    ],
  },
  {
    why: "the same: only the event that issued a living token has its digest",
    places: [at("GrantRow.ts", 'event._tag !== "AccessTokenIssued"', "false")],
  },
  {
    why: "the same: for the compiler alone; the events of an append are of one stream, and so of one kind",
    places: [
      filtered("isIssuerEvent"),
      filtered("isClientEvent"),
      filtered("isSubjectEvent"),
      filtered("isGrantEvent"),
    ],
  },
  {
    why: "the same: for the compiler alone; only an open grant has a refresh token",
    places: [at("Projection.ts", 'state.grant._tag === "Open"', "true")],
  },
  {
    why: "never reached: only events of clients and subjects are asked for an id, and each of them has one",
    places: [at("Projection.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: a whole stream puts rows into these tables, and does nothing else to them",
    places: [at("Projection.ts", 'change._tag === "Put"', "true")],
  },
  {
    why: "never reached: what is listed is there",
    places: [at("Queries.ts", 'grant._tag === "Absent"', "false"), at("Queries.ts", '"Absent"', '""')],
  },
  {
    why: "the same: for the compiler alone; a grant that is not there lacks the members that are looked at next",
    places: [
      at("Slice.ts", 'from._tag === "Absent"', "false"),
      at("Slice.ts", '"Absent"', '""'),
      at("Slice.ts", 'grant.state._tag === "Absent"', "false"),
      at("Slice.ts", '"Absent"', '""'),
    ],
  },
  {
    why: "the same: for the compiler alone; only an open grant came of others",
    places: [at("Slice.ts", 'ancestor.grant._tag === "Open"', "true"), at("Slice.ts", 'grant._tag === "Open"', "true")],
  },
  {
    why: "the same: nothing is called by that name either",
    places: [nobody, nobody, nobody, nobody],
  },
]
