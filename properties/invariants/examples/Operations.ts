/** What examples of promises are told in: logins, replies as one would doctor them, and everything that was played. */
import { approving, redeeming, refreshing } from "../../Asking.ts"
import { opening, policy } from "../../Opening.ts"
import { remembering, type Model } from "../../Model.ts"
import type { Operation, Reply, Step } from "../../Operation.ts"
import { afterwards, ask, newProduct, type Product } from "../../explore/Product.ts"

export const START_MILLIS = 1_893_456_000_000
export const [one, two] = policy.resources as readonly [string, string]
export const GRANT_MILLIS = policy.public.grant

export const login: ReadonlyArray<Operation> = [approving(), redeeming()]
export const narrow: ReadonlyArray<Operation> = [
  approving(0, { scopes: ["read", "write"], resources: [one, two] }),
  redeeming(),
  refreshing(0, { scopes: ["read"], resources: [one] }),
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
