/**
 * Who acts in a run: apps of honest users, a thief with stolen tokens, an operator, resource servers, and bad luck.
 *
 * Each follows a small program of its own; who is on stage, and what each does next, is drawn.
 */
import { Effect } from "effect"
import {
  approving,
  askingForItself,
  exchanging,
  looking,
  redeeming,
  refreshing,
  registering,
  revoking,
} from "../Asking.ts"
import { stepAside } from "./Bag.ts"
import { policy, profiles } from "../Opening.ts"
import type { Operation, OperationOf, Ref, Reply } from "../Operation.ts"
import type { Cluster } from "./Cluster.ts"
import type { Network } from "./Network.ts"
import type { World } from "./World.ts"

export interface Stage {
  readonly world: World
  readonly cluster: Cluster
  readonly network: Network
  /** Which of the clients are public. */
  readonly isPublic: (client: Ref) => boolean
  readonly sessions: Array<Session>
}

export interface Owner {
  readonly name: string
  readonly client: Ref
  readonly subject: Ref
}

/** What an app got by a login, and holds on to. */
export interface Session {
  readonly owner: Owner
  readonly grant: Ref
  /** The refresh token that the app would present next. */
  holds: Ref
  /** Whether the app was told that it is over. */
  isOver: boolean
}

/** As many others as may do something meanwhile. */
export const pause = ({ dice }: World) => Effect.suspend(() => stepAside(dice.below(8)))

const isUnanswered = (reply: Reply | undefined) => reply === undefined || reply._tag === "Unavailable"

/** A request of an app for as much as most have. */
export const approval = ({ client, subject }: Owner, grant: Ref): OperationOf<"Approve"> =>
  approving(grant, { client, subject, scopes: ["read", "write"], resources: policy.resources })

/** From a request to tokens. An app whose answer got lost starts over, with a request of its own. */
export const login = Effect.fnUntraced(function* ({ world, network, sessions }: Stage, owner: Owner, tries: number) {
  for (let left = tries; left > 0; left--) {
    const grant = world.newRequest()
    const approved = yield* network.send(owner.name, approval(owner, grant))
    if (approved?._tag !== "Code") continue
    const redeemed = yield* network.send(owner.name, redeeming(grant, { by: owner.client }))
    if (redeemed?._tag !== "Tokens" || redeemed.refresh === null) continue
    const session: Session = { owner, grant, holds: redeemed.refresh, isOver: false }
    sessions.push(session)
    return session
  }
  return undefined
})

/** Refreshes, and asks again while no answer comes, as an honest client does. */
export const refreshed = Effect.fnUntraced(function* (
  { network }: Stage,
  session: Session,
  tries: number,
  asked: Partial<Pick<OperationOf<"Refresh">, "scopes" | "resources">> = {},
) {
  const { owner } = session
  for (let left = tries; left > 0; left--) {
    const reply = yield* network.send(owner.name, refreshing(session.holds, { by: owner.client, ...asked }))
    if (isUnanswered(reply)) continue
    if (reply!._tag === "Tokens" && reply!.refresh !== null) session.holds = reply!.refresh
    if (reply!._tag === "Refused" && reply!.error === "invalid_grant") session.isOver = true
    return reply
  }
  return undefined
})

/** Parts of what was granted, and more than that. */
const SUBSETS: ReadonlyArray<Partial<Pick<OperationOf<"Refresh">, "scopes" | "resources">>> = [
  { scopes: ["read"] },
  { resources: policy.resources!.slice(0, 1) },
  { scopes: ["read", "admin"] },
  { resources: ["https://other.example/"] },
]

export const app = Effect.fnUntraced(function* (stage: Stage, owner: Owner) {
  const { world, network } = stage
  const { dice } = world
  const session = yield* login(stage, owner, 3)
  for (let rounds = 1 + dice.below(4); session !== undefined && rounds > 0 && !session.isOver; rounds--) {
    yield* pause(world)
    const reply = yield* refreshed(stage, session, 3, dice.chance(0.2) ? dice.pick(SUBSETS) : {})
    if (reply?._tag === "Tokens" && dice.chance(0.4)) {
      yield* network.send(owner.name, looking(reply.access))
      if (dice.chance(0.2)) yield* network.send(owner.name, revoking("access", reply.access, { by: owner.client }))
    }
  }
  if (session !== undefined && dice.chance(0.15)) {
    yield* network.send(owner.name, revoking("refresh", session.holds, { by: owner.client }))
  }
})

/** Acts `count` times, each time as `next` says, with pauses. */
const actor = Effect.fnUntraced(function* (
  { world, network }: Stage,
  name: string,
  count: number,
  next: () => Operation | undefined,
) {
  for (let left = count; left > 0; left--) {
    yield* pause(world)
    const operation = next()
    if (operation !== undefined) yield* network.send(name, operation)
  }
})

/** Has seen every token that went over the wire, and no secret of a client, no verifier. */
export const thief = (stage: Stage) => {
  const { dice, holder, requestCount } = stage.world
  const stolen = (kind: "access" | "refresh") =>
    holder.countOf(kind) === 0 ? undefined : dice.below(holder.countOf(kind))
  const as = (by: Ref) => ({ by, authentication: stage.isPublic(by) ? ("right" as const) : ("wrong" as const) })
  return actor(stage, "thief", 4, () => {
    const by = dice.below(2)
    const token = stolen("refresh")
    if (token === undefined) return undefined
    switch (dice.below(5)) {
      case 0:
        return refreshing(token, as(by))
      case 1:
        return revoking("refresh", token, { by: by === 0 ? 2 : 0 })
      case 2:
        return redeeming(dice.below(requestCount()), { ...as(by), verifier: "wrong" })
      case 3:
        return exchanging(stolen("access")!, as(by))
      default:
        return looking(stolen("access"))
    }
  })
}

export const operator = (stage: Stage) => {
  const { dice, newRequest, requestCount } = stage.world
  return actor(stage, "operator", 3, (): Operation => {
    const client = dice.below(2)
    const subject = dice.below(2)
    const grant = dice.below(Math.max(1, requestCount()))
    return dice.pick<() => Operation>([
      () => ({ _tag: "DisableClient", client }),
      () => ({ _tag: "EnableClient", client }),
      () => ({ _tag: "DisableSubject", subject }),
      () => ({ _tag: "EnableSubject", subject }),
      () => ({ _tag: "EndSessions", subject }),
      () => (dice.chance(0.2) ? { _tag: "ForgetSubject", subject } : { _tag: "EnableSubject", subject }),
      () => registering(client, profiles[client]),
      () => ({
        _tag: "RevokeGrant",
        grant: requestCount() === 0 ? newRequest() : grant,
        subject: "operator",
      }),
      () => askingForItself(client === 0 ? 3 : 1),
      () => (dice.chance(0.1) ? { _tag: "RaiseIssuerEpoch" } : { _tag: "EnableClient", client }),
    ])()
  })
}

export const resourceServer = (stage: Stage) => {
  const { dice, holder } = stage.world
  return actor(stage, "resource server", 5, () => {
    const count = holder.countOf("access")
    return count === 0 ? undefined : looking(dice.below(count))
  })
}

const SPANS_MILLIS = [1000, 1000, 2000, 5000]
/** As long as something lasts: a retry window, a code, an access token, nearly a refresh token. */
const LONG_SPANS_MILLIS = [29_000, 31_000, 61_000, 600_000, 3_500_000]
const JUMPS_MILLIS = [-3_600_000, -20_000, -4000, 3000, 20_000, 3_600_000]

/** Lets time pass, sets clocks wrong, fills the disk, pulls plugs. */
export const badLuck = Effect.fnUntraced(function* ({ world, cluster }: Stage) {
  const { dice, faults, note, store } = world
  for (let turn = 0; turn < 8; turn++) {
    yield* pause(world)
    const live = cluster.live()
    if (dice.chance(0.5)) cluster.pass(dice.pick(dice.chance(0.1) ? LONG_SPANS_MILLIS : SPANS_MILLIS))
    if (live.length > 0 && faults.happens("clock jump")) cluster.setClock(dice.pick(live), dice.pick(JUMPS_MILLIS))
    if (live.length > 0 && faults.happens("crash")) dice.pick(live).crash("crashes")
    if (faults.happens("full disk")) {
      store.setFull(true)
      note("the disk is full")
      yield* pause(world)
      yield* pause(world)
      store.setFull(false)
      note("there is room on the disk")
    }
  }
})
