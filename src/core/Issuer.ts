/**
 * The issuer lifecycle: initialised once, its epoch raised when everything opened before must end.
 *
 * That is for a restored backup or a compromise. The issuer identifier of a log never changes.
 */
import * as Schema from "effect/Schema"
import { Epoch, Text, firstEpoch, nextEpoch } from "./Ids.ts"
import type { IssuerEvent } from "./Event.ts"

/** The state of the issuer, and its epoch. */
export const Issuer = Schema.TaggedUnion({
  Uninitialized: {},
  Initialized: { issuer: Text(2048), epoch: Epoch },
})
export type Issuer = typeof Issuer.Type

export const initialIssuer: Issuer = { _tag: "Uninitialized" }

export const evolveIssuer = (issuer: Issuer, event: IssuerEvent): Issuer => {
  switch (event._tag) {
    case "IssuerInitialized":
      return issuer._tag === "Initialized" ? issuer : { _tag: "Initialized", issuer: event.issuer, epoch: firstEpoch }
    case "IssuerEpochRaised":
      return issuer._tag === "Initialized" ? { ...issuer, epoch: nextEpoch(issuer.epoch) } : issuer
    default:
      return event satisfies never
  }
}
