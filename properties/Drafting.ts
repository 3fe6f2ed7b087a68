/**
 * Drafts as a client that does nothing wrong asks for them, but for what `changes` says.
 *
 * Things are named by how far they are before the latest of their kind.
 */
import type { Draft } from "./Drafts.ts"

type DraftOf<Tag extends Draft["_tag"]> = Extract<Draft, { readonly _tag: Tag }>

export const approve = (changes: Partial<DraftOf<"Approve">> = {}): Draft => ({
  _tag: "Approve",
  client: 0,
  subject: 0,
  basis: "User",
  redirectUri: "loopback",
  key: null,
  isLate: false,
  scopes: ["read"],
  resources: null,
  isReplay: false,
  ...changes,
})
export const redeem = (changes: Partial<DraftOf<"Redeem">> = {}): Draft => ({
  _tag: "Redeem",
  back: 0,
  by: "owner",
  authentication: "right",
  verifier: "right",
  redirectUri: "right",
  resources: null,
  key: null,
  ...changes,
})
/** With the refresh token that is so many before the latest. */
export const refresh = (back: DraftOf<"Refresh">["back"] = 0, changes: Partial<DraftOf<"Refresh">> = {}): Draft => ({
  _tag: "Refresh",
  back,
  by: "owner",
  authentication: "right",
  scopes: null,
  resources: null,
  key: null,
  ...changes,
})
export const revoke = (kind: "access" | "refresh", back = 0, by: DraftOf<"Revoke">["by"] = "owner"): Draft => ({
  _tag: "Revoke",
  kind,
  back,
  by,
  authentication: "right",
  cascade: true,
})
export const verify = (back: DraftOf<"Verify">["back"] = 0): Draft => ({ _tag: "Verify", back })
export const passTo = (end: DraftOf<"PassTo">["end"], edge: -1 | 0 | 1): Draft => ({ _tag: "PassTo", end, edge })
export const pass = (millis: number): Draft => ({ _tag: "Pass", millis })
export const register = (client: number): Draft => ({
  _tag: "Register",
  client,
  profile: {
    isPublic: true,
    isSelfRegistered: true,
    scopes: null,
    grantTypes: ["authorization_code", "refresh_token"],
  },
  flaw: null,
})
