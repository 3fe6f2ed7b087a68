/**
 * How a draft names things: by how far back they are, and by whose they are.
 */
import fc, { type Arbitrary } from "fast-check"
import type { Model } from "./Model.ts"
import type { Presented, Ref } from "./Operation.ts"

/** How far back from the latest of its kind, 0 being the latest; `made up` was never handed out. */
export type Back = number | "made up"

/** Who acts: the client that the thing belongs to, or the client with that number. */
export type By = "owner" | Ref

export const latest = (things: ReadonlyArray<unknown>, back: Back): Presented =>
  back === "made up" || back >= things.length ? "made up" : things.length - 1 - back

export const ownerOf = (model: Model, by: By, grant: Ref | undefined): Ref =>
  by === "owner" ? ((grant === undefined ? undefined : model.grants[grant]?.client) ?? 0) : by

/** A draft of a kind, each member drawn by itself. */
export const tagged = <Tag extends string, Fields extends object>(
  _tag: Tag,
  fields: { [Name in keyof Fields]: Arbitrary<Fields[Name]> },
) => fc.record({ _tag: fc.constant(_tag), ...fields }) as unknown as Arbitrary<{ readonly _tag: Tag } & Fields>
