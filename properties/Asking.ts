/**
 * Operations as a client that does nothing wrong asks for them, but for what `changes` says.
 *
 * What is usual is said here and nowhere else; that it is right is the model's to say.
 */
import type { OperationOf, OperationTag, Presented, Profile, Ref } from "./Operation.ts"

/** What is asked otherwise. */
export type Changes<Tag extends OperationTag> = Partial<Omit<OperationOf<Tag>, "_tag">>

const right = { by: 0, authentication: "right" } as const
const unnarrowed = { scopes: null, resources: null } as const

/** Public, added by itself, and allowed whatever it takes to stay signed in. */
export const ordinary: Profile = {
  isPublic: true,
  isSelfRegistered: true,
  scopes: null,
  grantTypes: ["authorization_code", "refresh_token"],
}

export const registering = (client: Ref, profile: Profile = ordinary): OperationOf<"Register"> => ({
  _tag: "Register",
  client,
  profile,
  flaw: null,
})

export const approving = (grant: Ref = 0, changes: Changes<"Approve"> = {}): OperationOf<"Approve"> => ({
  _tag: "Approve",
  grant,
  client: 0,
  subject: 0,
  basis: "User",
  redirectUri: "loopback",
  key: null,
  isLate: false,
  ...unnarrowed,
  ...changes,
})

export const denying = (grant: Ref, changes: Changes<"Deny"> = {}): OperationOf<"Deny"> => ({
  _tag: "Deny",
  grant,
  client: 0,
  subject: 0,
  redirectUri: "loopback",
  ...changes,
})

export const redeeming = (code: Presented = 0, changes: Changes<"Redeem"> = {}): OperationOf<"Redeem"> => ({
  _tag: "Redeem",
  code,
  ...right,
  verifier: "right",
  redirectUri: "right",
  resources: null,
  key: null,
  ...changes,
})

/** As a device that asks with its code. */
export const redeemingDevice = (code: Presented = 0, changes: Changes<"Redeem"> = {}): OperationOf<"Redeem"> =>
  redeeming(code, { verifier: "absent", redirectUri: "absent", isDevice: true, ...changes })

export const refreshing = (token: Presented, changes: Changes<"Refresh"> = {}): OperationOf<"Refresh"> => ({
  _tag: "Refresh",
  token,
  ...right,
  ...unnarrowed,
  key: null,
  ...changes,
})

/** For a token of its own. */
export const askingForItself = (
  by: Ref,
  changes: Changes<"ClientCredentials"> = {},
): OperationOf<"ClientCredentials"> => ({
  _tag: "ClientCredentials",
  ...right,
  by,
  ...unnarrowed,
  ...changes,
})

/** Of somebody whom an identity provider speaks for. */
export const asserting = (
  by: Ref,
  subject: Ref,
  changes: Changes<"ClientCredentials"> = {},
): OperationOf<"ClientCredentials"> => askingForItself(by, { subject, assertion: "right", ...changes })

/** What a browser is to ask for, sent by the client itself. */
export const pushing = (request: Ref, changes: Changes<"Push"> = {}): OperationOf<"Push"> => ({
  _tag: "Push",
  request,
  ...right,
  ...unnarrowed,
  redirectUri: "loopback",
  key: null,
  ...changes,
})

/** One access token for another. */
export const exchanging = (token: Presented, changes: Changes<"Exchange"> = {}): OperationOf<"Exchange"> => ({
  _tag: "Exchange",
  token,
  actor: null,
  mayAct: null,
  ...right,
  ...unnarrowed,
  key: null,
  ...changes,
})

export const revoking = (
  kind: "access" | "refresh",
  token: Presented,
  changes: Changes<"Revoke"> = {},
): OperationOf<"Revoke"> => ({ _tag: "Revoke", kind, token, ...right, cascade: false, ...changes })

/** At an access token, as a resource server does. */
export const looking = (token: Presented = 0): OperationOf<"Verify"> => ({ _tag: "Verify", token })
export const passing = (millis: number): OperationOf<"Pass"> => ({ _tag: "Pass", millis })
