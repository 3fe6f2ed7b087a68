/**
 * What can be tried in a state: the alphabet of a search, as data, and the operations that it means there.
 *
 * An entry is what differs from the right thing to do: `{}` is the owner with the right proofs, `{ verifier: "wrong" }`
 * the same with one of them wrong. Bounds are part of it: what would go beyond one is not offered, so that the search
 * ends. Whether states can be taken for the same rests on this: nothing is offered that depends on more than the key.
 */
import { approving, askingForItself, denying, exchanging, passing, redeeming, refreshing, revoking } from "../Asking.ts"
import { isAccessAlive, isGrantAlive, type GrantThing, type Model } from "../Model.ts"
import type { Operation, OperationOf, OperationTag, Ref } from "../Operation.ts"
import { isMemory, type Presentable } from "./Presented.ts"
import type { Product } from "./Product.ts"

/** Differences from the right thing to do; `others` has every other client try. */
type Change<Tag extends OperationTag> = Omit<Partial<OperationOf<Tag>>, "_tag" | "by"> & { readonly by?: "others" }

/** `isActing`: with each access token of another grant as that of who acts. */
type ExchangeChange = Omit<Change<"Exchange">, "token" | "actor"> & { readonly isActing?: true }

export interface Bounds {
  /** Requests that are ever answered, token requests of clients for themselves among them. */
  readonly grantCount: number
  /** Live access tokens of a grant, when another one is asked for. */
  readonly liveAccessCount: number
  /** How often one refresh token is answered again. */
  readonly retryCount: number
  /** Recorded attempts to redeem a code with a wrong proof. */
  readonly attemptCount: number
}

export interface Alphabet {
  readonly bounds: Bounds
  readonly approvals: ReadonlyArray<Change<"Approve">>
  readonly denials: ReadonlyArray<Change<"Deny">>
  /** Whether requests that were answered are answered once more. */
  readonly hasSecondAnswers: boolean
  readonly redemptions: ReadonlyArray<Change<"Redeem">>
  readonly refreshes: ReadonlyArray<Change<"Refresh">>
  readonly revocations: ReadonlyArray<Change<"Revoke">>
  readonly revokers: ReadonlyArray<OperationOf<"RevokeGrant">["subject"]>
  /** By every client there is. */
  readonly credentials: ReadonlyArray<Change<"ClientCredentials">>
  /** Of every access token that may be presented. */
  readonly exchanges: ReadonlyArray<ExchangeChange>
  /** What is always the same, or depends on the clients alone. */
  readonly others: (model: Model) => ReadonlyArray<Operation>
  readonly hasTime: boolean
}

/** The smallest step of time: what every wire format can tell apart. */
export const TICK_MILLIS = 1000

export const operationsOf = (
  alphabet: Alphabet,
  product: Product,
  tokens: ReadonlyArray<Presentable>,
): ReadonlyArray<Operation> => {
  const { model } = product
  const { approvals, denials, bounds, hasSecondAnswers, revokers } = alphabet
  const numbers = hasSecondAnswers ? [...model.grants.keys()] : []
  if (model.grants.length < bounds.grantCount) numbers.push(model.grants.length)
  const perGrant = tokens.flatMap((own, grant) => [
    ...redemptions(alphabet, product, grant),
    ...refreshes(alphabet, product, grant, own),
    ...revocations(alphabet, product, grant, own),
    ...revokers.map((subject): Operation => ({ _tag: "RevokeGrant", grant, subject })),
  ])
  return [
    ...numbers.flatMap((grant) => approvals.map((change) => approving(grant, change))),
    ...perGrant,
    ...numbers.flatMap((grant) => denials.map((change) => denying(grant, change))),
    ...(model.grants.length < bounds.grantCount ? credentials(alphabet, model) : []),
    ...(model.grants.length < bounds.grantCount ? exchanges(alphabet, model, tokens) : []),
    ...alphabet.others(model),
    ...(alphabet.hasTime ? passages(product, tokens) : []),
  ]
}

/** Who tries: the client that the grant is of, or each of the others. */
const callers = (model: Model, owner: Ref, by: "others" | undefined): ReadonlyArray<Ref> =>
  by === undefined ? [owner] : [...model.clients.keys()].filter((client) => client !== owner)

const credentials = (alphabet: Alphabet, { clients }: Model): ReadonlyArray<Operation> =>
  [...clients.keys()].flatMap((by) => alphabet.credentials.map((change) => askingForItself(by, { ...change, by })))

const exchanges = (
  { exchanges }: Alphabet,
  model: Model,
  tokens: ReadonlyArray<Presentable>,
): ReadonlyArray<Operation> => {
  if (exchanges.length === 0) return []
  const presentable = tokens.flatMap(({ accessTokens }, grant) => accessTokens.map((token) => ({ grant, token })))
  return presentable.flatMap(({ grant, token }) => {
    const { client } = model.grants[grant]!
    const { key } = model.accessTokens[token]!
    return exchanges.flatMap(({ by: who, isActing, ...change }) => {
      const actors = isActing ? presentable.filter((one) => one.grant !== grant).map((one) => one.token) : [null]
      return callers(model, client, who).flatMap((by) =>
        actors.map((actor) => exchanging(token, { key, ...change, actor, by })),
      )
    })
  })
}

const redemptions = (
  { redemptions, bounds }: Alphabet,
  { machine, model }: Product,
  grant: Ref,
): ReadonlyArray<Operation> => {
  const { client, key, code, isDevice } = model.grants[grant]!
  if (code === "none" && isDevice !== true) return []
  const opened = machine.grants[grant]
  const isAttempted = opened?._tag === "Open" && (opened.code?.refusedCount ?? 0) >= bounds.attemptCount
  return redemptions
    .filter((change) => !isAttempted || !("verifier" in change || "redirectUri" in change || "key" in change))
    .flatMap(({ by: who, ...change }) =>
      callers(model, client, who).map((by) => redeeming(grant, { key, ...change, by })),
    )
}

const refreshes = (
  { refreshes, bounds }: Alphabet,
  product: Product,
  grant: Ref,
  { refreshTokens, accessTokens }: Presentable,
): ReadonlyArray<Operation> => {
  const { model } = product
  const { client } = model.grants[grant]!
  const isFull = accessTokens.filter((ref) => isAccessAlive(model, ref)).length >= bounds.liveAccessCount
  return refreshTokens.flatMap((token) => {
    const { key, spentAt, successor, retryCount } = model.refreshTokens[token]!
    const isUnspent = spentAt === null
    const isPrevious = successor !== null && model.refreshTokens[successor]!.spentAt === null
    if (isGrantAlive(model, grant)) {
      if (isUnspent && isFull) return []
      if (isPrevious && retryCount >= bounds.retryCount && isInWindow(model, token)) return []
    }
    return refreshes.flatMap(({ by: who, ...change }) =>
      callers(model, client, who).map((by) => refreshing(token, { key, ...change, by })),
    )
  })
}

const revocations = (
  { revocations }: Alphabet,
  { model }: Product,
  grant: Ref,
  { refreshTokens, accessTokens }: Presentable,
): ReadonlyArray<Operation> => {
  const { client } = model.grants[grant]!
  const alive = accessTokens.filter((ref) => isAccessAlive(model, ref))
  const dead = accessTokens.filter((ref) => !alive.includes(ref))
  // The oldest is the one that a limit ends; those between it and the latest are like the latest.
  const tokens = { access: [...new Set([...dead, ...alive.slice(0, 1), ...alive.slice(-1)])], refresh: refreshTokens }
  return revocations.flatMap(({ by: who, kind = "refresh", ...change }) =>
    callers(model, client, who).flatMap((by) => tokens[kind].map((token) => revoking(kind, token, { ...change, by }))),
  )
}

const windowOf = ({ clients, policy }: Model, { client }: GrantThing): number =>
  (clients[client]!.profile.isPublic ? policy.public : policy.confidential).retryWindow

const windowEnd = (model: Model, token: Ref): number => {
  const { spentAt, grant } = model.refreshTokens[token]!
  return spentAt === null ? model.at : spentAt + windowOf(model, model.grants[grant]!)
}

const isInWindow = (model: Model, token: Ref): boolean => model.at < windowEnd(model, token)

/** Until the next end of anything alive, and until a tick before it: nothing changes by itself in between. */
const passages = (product: Product, tokens: ReadonlyArray<Presentable>): ReadonlyArray<Operation> => {
  const { model } = product
  const ends = tokens.flatMap(({ refreshTokens, accessTokens }, grant) => {
    const { end, code, codeExpiresAt, expiresAt } = model.grants[grant]!
    if (end !== null || isMemory(product, grant)) return []
    return [
      expiresAt,
      ...(code === "unspent" ? [codeExpiresAt] : []),
      ...refreshTokens.flatMap((ref) => [model.refreshTokens[ref]!.expiresAt, windowEnd(model, ref)]),
      ...accessTokens.map((ref) => model.accessTokens[ref]!.expiresAt),
    ]
  })
  const secretEnds = model.clients.flatMap(({ supersededEnd }) => supersededEnd ?? [])
  const left = Math.min(...[...ends, ...secretEnds].map((end) => end - model.at).filter((millis) => millis > 0))
  return [left, left - TICK_MILLIS].filter((millis) => Number.isFinite(millis) && millis > 0).map(passing)
}
