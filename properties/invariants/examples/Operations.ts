/** What examples of promises are told in: the right thing to do, and what differs from it; replies, as one would doctor them. */
import { opening, policy } from "../../Opening.ts"
import { remembering, type Model } from "../../Model.ts"
import type { Operation, OperationOf, Reply, Step } from "../../Operation.ts"
import { afterwards, ask, newProduct, type Product } from "../../explore/Product.ts"

export const START_MILLIS = 1_893_456_000_000
export const [one, two] = policy.resources as readonly [string, string]
export const GRANT_MILLIS = policy.public.grant

export const approve = (change: Partial<OperationOf<"Approve">> = {}): Operation => ({
  _tag: "Approve",
  grant: 0,
  client: 0,
  subject: 0,
  basis: "User",
  redirectUri: "loopback",
  key: null,
  isLate: false,
  scopes: ["read"],
  resources: null,
  ...change,
})
export const redeem = (change: Partial<OperationOf<"Redeem">> = {}): Operation => ({
  _tag: "Redeem",
  code: 0,
  by: 0,
  authentication: "right",
  verifier: "right",
  redirectUri: "right",
  resources: null,
  key: null,
  ...change,
})
export const refresh = (token: number, change: Partial<OperationOf<"Refresh">> = {}): Operation => ({
  _tag: "Refresh",
  token,
  by: 0,
  authentication: "right",
  scopes: null,
  resources: null,
  key: null,
  ...change,
})
export const revoke = (kind: "access" | "refresh", token: number, by = 0): Operation => ({
  _tag: "Revoke",
  kind,
  token,
  by,
  authentication: "right",
  cascade: false,
})
export const actForItself = (by: number, over: Partial<OperationOf<"ClientCredentials">> = {}): Operation => ({
  _tag: "ClientCredentials",
  by,
  authentication: "right",
  scopes: null,
  resources: null,
  ...over,
})
export const verify = (token: number | "made up" = 0): Operation => ({ _tag: "Verify", token })
export const pass = (millis: number): Operation => ({ _tag: "Pass", millis })
export const register = (client: number): Operation => ({
  _tag: "Register",
  client,
  profile: { isPublic: true, isSelfRegistered: true, scopes: null, grantTypes: ["authorization_code"] },
  flaw: null,
})
export const login: ReadonlyArray<Operation> = [approve(), redeem()]
export const narrow: ReadonlyArray<Operation> = [
  approve({ scopes: ["read", "write"], resources: [one, two] }),
  redeem(),
  refresh(0, { scopes: ["read"], resources: [one] }),
]

export const tokens = (change: Partial<Extract<Reply, { _tag: "Tokens" }>> = {}): Reply => ({
  _tag: "Tokens",
  access: 9,
  refresh: 9,
  scopes: ["read"],
  expiresAt: START_MILLIS + 600_000,
  ...change,
})
export const active = (change: Partial<Extract<Reply, { _tag: "Active" }>> = {}): Reply => ({
  _tag: "Active",
  client: 0,
  subject: 0,
  scopes: ["read"],
  resources: [],
  expiresAt: START_MILLIS + 600_000,
  ...change,
})
export const refused: Reply = { _tag: "Refused", error: "invalid_grant" }
export const inactive: Reply = { _tag: "Inactive" }

/** What happened, on machine and model, with everything remembered. */
export const played = (operations: ReadonlyArray<Operation>): Product =>
  [...opening, ...operations].reduce<Product>(
    (product, operation) => {
      const edge = ask(product, operation)
      if (!edge.isAgreed) throw new Error(`machine and model disagree: ${JSON.stringify(operation)}`)
      const { machine, model } = afterwards(edge)
      return { machine, model: remembering(model, stepOf(product.model, operation, edge.move.reply)) }
    },
    newProduct(policy, START_MILLIS),
  )

export const stepOf = ({ at }: Model, operation: Operation, reply: Reply): Step => ({ operation, reply, at })
