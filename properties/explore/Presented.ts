/**
 * Which of the codes and tokens that were handed out are worth presenting: one of each kind.
 *
 * A grant that is refreshed for ever has ever more spent tokens, all alike. Of those that are alike the latest stands
 * for the rest: the alphabet presents no other, so the key need not tell states apart by the others either. The two
 * read the same list, or the search would be wrong.
 */
import type { Model, RefreshThing } from "../Model.ts"
import type { Ref } from "../Operation.ts"
import { isGrantAlive } from "../Model.ts"
import type { Product } from "./Product.ts"

/** What of a grant may be presented, by number, in the order in which it was issued. */
export interface Presentable {
  readonly refreshTokens: ReadonlyArray<Ref>
  readonly accessTokens: ReadonlyArray<Ref>
}

/**
 * Whether nothing is left of a grant but the memory of it. A grant that the machine ended has no details any more; one
 * that ended by an epoch or by time still has them, and a rule that forgot to ask for the epoch would use them.
 */
export const isMemory = ({ machine, model }: Product, grant: Ref): boolean =>
  machine.grants[grant]?._tag !== "Open" && !isGrantAlive(model, grant)

export const presentable = (product: Product): ReadonlyArray<Presentable> => {
  const { model } = product
  return everything(product).map(({ refreshTokens, accessTokens }, grant) =>
    isMemory(product, grant)
      ? { refreshTokens: refreshTokens.slice(-1), accessTokens: accessTokens.slice(-1) }
      : {
          refreshTokens: latestOfKind(refreshTokens, (ref) => refreshKind(model, ref)),
          accessTokens: latestOfKind(accessTokens, (ref) => accessKind(model, ref)),
        },
  )
}

/** Every one of them, for a search that takes no two for the same. */
export const everything = ({ model }: Product): ReadonlyArray<Presentable> => {
  const all = model.grants.map(() => ({ refreshTokens: [] as Array<Ref>, accessTokens: [] as Array<Ref> }))
  model.refreshTokens.forEach(({ grant }, ref) => all[grant]?.refreshTokens.push(ref))
  model.accessTokens.forEach(({ grant }, ref) => all[grant]?.accessTokens.push(ref))
  return all
}

/** Without a kind, a token is like no other. */
const latestOfKind = (refs: ReadonlyArray<Ref>, kindOf: (ref: Ref) => string | undefined): ReadonlyArray<Ref> => {
  const kinds = new Set<string>()
  return refs
    .toReversed()
    .filter((ref) => {
      const kind = kindOf(ref)
      if (kind === undefined) return true
      if (kinds.has(kind)) return false
      kinds.add(kind)
      return true
    })
    .reverse()
}

/** Spent, and its successor too: nothing tells such tokens apart but the key that they are bound to. */
const refreshKind = ({ refreshTokens }: Model, ref: Ref): string | undefined =>
  isOlder(refreshTokens, refreshTokens[ref]!) ? `${refreshTokens[ref]!.key}` : undefined

const isOlder = (refreshTokens: ReadonlyArray<RefreshThing>, { successor }: RefreshThing): boolean =>
  successor !== null && refreshTokens[successor]!.spentAt !== null

/** Revoked or expired, and no answer that is given again: then only how it died tells it from others. */
const accessKind = (model: Model, ref: Ref): string | undefined => {
  const { from, isRevoked, expiresAt } = model.accessTokens[ref]!
  // The grant is not asked: in a grant that ended by an epoch, what had not ended by itself is told apart.
  if (!isRevoked && model.at < expiresAt) return undefined
  const isAnswer = from !== null && !isOlder(model.refreshTokens, model.refreshTokens[from]!)
  return isAnswer ? undefined : `${isRevoked}`
}
