/**
 * Drafts as a client that does nothing wrong asks for them, but for what `changes` says.
 *
 * Things are named by how far they are before the latest of their kind; all else is as in the operation (`Asking.ts`).
 */
import {
  approving,
  asserting,
  exchanging,
  passing,
  pushing,
  redeeming,
  refreshing,
  registering,
  revoking,
  ordinary,
} from "./Asking.ts"
import type { Draft } from "./Drafts.ts"
import type { Assertion, Ref } from "./Operation.ts"
import { ASSERTED_SUBJECT } from "./WireDrafts.ts"

type DraftOf<Tag extends Draft["_tag"]> = Extract<Draft, { readonly _tag: Tag }>

export const approve = (changes: Partial<DraftOf<"Approve">> = {}): Draft => {
  const { grant: _, ...usual } = approving()
  return { ...usual, isReplay: false, ...changes }
}
export const redeem = (changes: Partial<DraftOf<"Redeem">> = {}): Draft => {
  const { code: _, ...usual } = redeeming()
  return { ...usual, back: 0, by: "owner", ...changes }
}
/** With the refresh token that is so many before the latest. */
export const refresh = (back: DraftOf<"Refresh">["back"] = 0, changes: Partial<DraftOf<"Refresh">> = {}): Draft => {
  const { token: _, ...usual } = refreshing(0)
  return { ...usual, back, by: "owner", ...changes }
}
export const revoke = (kind: "access" | "refresh", back = 0, by: DraftOf<"Revoke">["by"] = "owner"): Draft => {
  const { token: _, ...usual } = revoking(kind, 0)
  return { ...usual, back, by }
}
export const verify = (back: DraftOf<"Verify">["back"] = 0): Draft => ({ _tag: "Verify", back })
export const passTo = (end: DraftOf<"PassTo">["end"], edge: -1 | 0 | 1): Draft => ({ _tag: "PassTo", end, edge })
export const pass: (millis: number) => Draft = passing
export const register: (client: number) => Draft = registering

/** The latest access token, exchanged by the client that everything may be asked of. */
export const exchange: Draft = (() => {
  const { token: _, actor: _actor, ...usual } = exchanging(0)
  return { ...usual, by: 1, back: 0, acting: null }
})()
export const push = (by: Ref): Draft => {
  const { request: _, ...usual } = pushing(0)
  return { ...usual, by }
}
export const openPushed = (back: number, by: DraftOf<"OpenPushed">["by"] = "owner"): Draft => ({
  _tag: "OpenPushed",
  back,
  by,
})
export const registerInvited: Draft = { _tag: "RegisterInvited", profile: ordinary, back: 0 }
export const assert = (assertion: Assertion): Draft => {
  const { _tag, subject: _, ...usual } = asserting(1, ASSERTED_SUBJECT)
  return { ...usual, _tag: "Assert", assertion }
}
