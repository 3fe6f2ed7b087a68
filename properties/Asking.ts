/** Operations as a client that does nothing wrong asks for them, but for what `changes` says. */
import type { OperationOf, Presented, Ref } from "./Operation.ts"

/** What is asked otherwise. */
export type Changes<Tag extends "Approve" | "Redeem" | "Refresh" | "Revoke"> = Partial<Omit<OperationOf<Tag>, "_tag">>

export const approving = (grant: Ref, changes: Changes<"Approve"> = {}): OperationOf<"Approve"> => ({
  _tag: "Approve",
  grant,
  client: 0,
  subject: 0,
  basis: "User",
  redirectUri: "loopback",
  key: null,
  isLate: false,
  scopes: null,
  resources: null,
  ...changes,
})

export const redeeming = (code: Presented, changes: Changes<"Redeem"> = {}): OperationOf<"Redeem"> => ({
  _tag: "Redeem",
  code,
  by: 0,
  authentication: "right",
  verifier: "right",
  redirectUri: "right",
  resources: null,
  key: null,
  ...changes,
})

export const refreshing = (token: Presented, changes: Changes<"Refresh"> = {}): OperationOf<"Refresh"> => ({
  _tag: "Refresh",
  token,
  by: 0,
  authentication: "right",
  scopes: null,
  resources: null,
  key: null,
  ...changes,
})

export const revoking = (
  kind: "access" | "refresh",
  token: Ref,
  changes: Changes<"Revoke"> = {},
): OperationOf<"Revoke"> => ({
  _tag: "Revoke",
  kind,
  token,
  by: 0,
  authentication: "right",
  cascade: false,
  ...changes,
})
