/**
 * How a draft names things: by how far back they are, by whose they are, and by what comes to its end.
 */
import fc, { type Arbitrary } from "fast-check"
import type { Model } from "./Model.ts"
import type { Presented, Ref } from "./Operation.ts"

/** How far back from the latest of its kind, 0 being the latest; `made up` was never handed out. */
export type Back = number | "made up"

/** Who acts: the client that the thing belongs to, or the client with that number. */
export type By = "owner" | Ref

export type End = "code" | "access" | "window" | "refresh" | "grant" | "overlap" | "pushed"

export const latest = (things: ReadonlyArray<unknown>, back: Back): Presented =>
  back === "made up" || back >= things.length ? "made up" : things.length - 1 - back

export const ownerOf = (model: Model, by: By, grant: Ref | undefined): Ref =>
  by === "owner" ? ((grant === undefined ? undefined : model.grants[grant]?.client) ?? 0) : by

/** A draft of a kind, each member drawn by itself. */
export const tagged = <Tag extends string, Fields extends object>(
  _tag: Tag,
  fields: { [Name in keyof Fields]: Arbitrary<Fields[Name]> },
) => fc.record({ _tag: fc.constant(_tag), ...fields }) as unknown as Arbitrary<{ readonly _tag: Tag } & Fields>

/** When the latest that has such an end comes to it; now, where there is none. */
export const endOf = (model: Model, end: End): number => {
  switch (end) {
    case "code":
      return model.grants.at(-1)?.codeExpiresAt ?? model.at
    case "grant":
      return model.grants.at(-1)?.expiresAt ?? model.at
    case "access":
      return model.accessTokens.at(-1)?.expiresAt ?? model.at
    case "refresh":
      return model.refreshTokens.at(-1)?.expiresAt ?? model.at
    case "overlap":
      return model.clients.findLast(({ supersededEnd }) => supersededEnd !== undefined)?.supersededEnd ?? model.at
    case "pushed":
      return model.pushed.at(-1)?.expiresAt ?? model.at
    case "window": {
      const spent = model.refreshTokens.findLast((token) => token.spentAt !== null)
      return spent === undefined ? model.at : spent.spentAt! + model.policy.public.retryWindow
    }
  }
}
