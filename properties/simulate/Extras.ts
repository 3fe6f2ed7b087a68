/**
 * Who else acts in a run: an agent that exchanges what it was given, a television, and somebody with one request in two tabs.
 *
 * A request that was pushed, or carried through a login, names the grant that it may open: in two tabs, on two instances,
 * it is answered once. What a device is given before anybody answers lies beside the log, and is no part of the history.
 */
import { Effect, Exit } from "effect"
import { denying, exchanging, looking, redeemingDevice, refreshing, revoking } from "../Asking.ts"
import type { Operation, Ref } from "../Operation.ts"
import { askAsDevice, keepAsked } from "../perform/Devices.ts"
import { approval, login, pause, refreshed, type Owner, type Session, type Stage } from "./Cast.ts"

const MAX_LINKS = 3

/** Exchanges a token, what came of it, and so on; then something of that ends, and each of them is looked at. */
export const agent = Effect.fnUntraced(function* (stage: Stage, owner: Owner) {
  const { world, network } = stage
  const { dice } = world
  const session = yield* login(stage, owner, 3)
  const first = session === undefined ? undefined : yield* refreshed(stage, session, 3)
  if (session === undefined || first?._tag !== "Tokens") return
  const chain: Array<Ref> = [first.access]
  for (let left = 1 + dice.below(MAX_LINKS); left > 0; left--) {
    yield* pause(world)
    const reply = yield* network.send(owner.name, exchanging(chain.at(-1)!, { by: owner.client }))
    if (reply?._tag === "Tokens") chain.push(reply.access)
  }
  const ends: ReadonlyArray<Operation> = [
    revoking("access", dice.pick(chain), { by: owner.client }),
    revoking("refresh", session.holds, { by: owner.client }),
    { _tag: "RevokeGrant", grant: session.grant, subject: owner.subject },
  ]
  if (dice.chance(0.7)) yield* network.send(owner.name, dice.pick(ends))
  for (const token of chain) {
    yield* pause(world)
    yield* network.send("resource server", looking(token))
  }
})

/** A device asks; somebody allows it, or says no, and it asks with its code once it was told so. */
export const television = Effect.fnUntraced(function* (stage: Stage, owner: Owner) {
  const { world, network, cluster, sessions } = stage
  const { dice, holder } = world
  yield* pause(world)
  const grant = world.newRequest()
  const [instance] = cluster.live()
  if (instance === undefined) return
  const asked = yield* Effect.exit(askAsDevice(instance.server, holder, owner.client))
  if (Exit.isFailure(asked)) return
  keepAsked(holder, grant, asked.value)
  const { client, subject } = owner
  const answer: Operation = dice.chance(0.8)
    ? { ...approval(owner, grant), isDevice: true }
    : denying(grant, { client, subject, isDevice: true })
  const answered = yield* network.send(owner.name, answer)
  if (answered?._tag !== "Code" && answered?._tag !== "Done") return
  const redeemed = yield* network.send(owner.name, redeemingDevice(grant, { by: client }))
  if (redeemed?._tag !== "Tokens" || redeemed.refresh === null) return
  const session: Session = { owner, grant, holds: redeemed.refresh, isOver: false }
  sessions.push(session)
  yield* pause(world)
  if (dice.chance(0.3)) yield* network.send("thief", refreshing(redeemed.refresh, { by: 0 }))
})

/** Allows in one tab and says no in another, at the same time. */
export const twoTabs = ({ world, network }: Stage, owner: Owner) =>
  Effect.gen(function* () {
    yield* pause(world)
    const grant = world.newRequest()
    const { client, subject } = owner
    const inTab = (operation: Operation) => network.send(owner.name, operation)
    yield* Effect.all([inTab(approval(owner, grant)), inTab(denying(grant, { client, subject }))], {
      concurrency: "unbounded",
    })
  })
