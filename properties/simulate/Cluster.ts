/**
 * The instances of a server over one store: started, crashed and started again, each with a clock of its own.
 *
 * A crash is silent: what was running never goes on, and whoever waited for an answer finds the connection closed.
 */
import { Clock, Effect, Exit } from "effect"
import type { AuthorizationServer } from "../../src/provider/AuthorizationServer.ts"
import type { Randomness } from "../../src/provider/Randomness.ts"
import { faultyLog } from "./FaultyLog.ts"
import type { MachineClock } from "./Time.ts"
import type { World } from "./World.ts"
import type { Tables } from "./SharedStore.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

/** How an instance is started over a log, and the rows that it keeps there. */
export interface Wiring extends Tables {
  /** How long a request can be answered that somebody, or a device, has made. */
  readonly requestMillis: number
  readonly start: (parts: {
    readonly log: ServerStore
    readonly randomness: Randomness
  }) => Effect.Effect<AuthorizationServer, { readonly message: string }>
}

export interface Instance {
  readonly name: string
  readonly server: AuthorizationServer
  readonly clock: MachineClock
  /** Every time that its clock has shown, oldest first. */
  readonly shown: Array<number>
  readonly isDead: () => boolean
  /** Told when it crashes. */
  readonly onDeath: Set<() => void>
  readonly crash: (why: string) => void
}

export interface Cluster {
  readonly live: () => ReadonlyArray<Instance>
  /** Starts one instance for each name. */
  readonly start: (names: ReadonlyArray<string>) => void
  /** Every instance is stopped and started again, with a right clock. */
  readonly restart: () => void
  /** Time goes by, and every clock shows it. */
  readonly pass: (millis: number) => void
  readonly setClock: (instance: Instance, byMillis: number) => void
  /** How far from the time as it is an instance ever believed it to be. */
  readonly worstErrorMillis: () => number
}

const SKEWS_MILLIS = [-6000, -4000, -1000, 1000, 3000, 6000]
/** A clock that is wrong from the start is believed, and so is a small step of it. */
export const MAX_ERROR_MILLIS = 6000 + 5000

export const makeCluster = (world: World, wiring: Wiring): Cluster => {
  const { bag, dice, faults, note, secretDice, store, time } = world
  const instances = new Map<string, Instance>()
  let worstErrorMillis = 0

  const start = (name: string): void => {
    const skew = faults.happens("clock skew") ? dice.pick(SKEWS_MILLIS) : 0
    const clock = time.clockAhead(skew)
    const onDeath = new Set<() => void>()
    let isDead = false
    const crash = (why: string) => {
      if (isDead) return
      isDead = true
      note(`${name} ${why}`)
      instances.delete(name)
      onDeath.forEach((tell) => tell())
      bag.add(() => instances.has(name) || start(name))
    }
    const log = faultyLog({ store, dice, faults, isDead: () => isDead, crash })
    const randomness = { bytes: secretDice.bytes, upMillis: clock.upMillis }
    const starting = Effect.provideService(wiring.start({ log, randomness }), Clock.Clock, clock.clock)
    Effect.runFork(starting, { scheduler: bag.scheduler }).addObserver((exit) => {
      if (isDead) return
      if (Exit.isFailure(exit)) return crash("cannot start")
      const server = exit.value
      note(`${name} starts${skew === 0 ? "" : `, its clock ${skew / 1000} s off`}`)
      instances.set(name, { name, server, clock, shown: [server.now()], isDead: () => isDead, onDeath, crash })
    })
  }

  const look = ({ server, shown }: Instance) => {
    const now = server.now()
    worstErrorMillis = Math.max(worstErrorMillis, Math.abs(now - time.now()))
    if (shown.at(-1) !== now) shown.push(now)
  }
  return {
    live: () => [...instances.values()],
    start: (names) => names.forEach(start),
    restart: () => [...instances.values()].forEach((instance) => instance.crash("is restarted")),
    pass: (millis) => {
      time.pass(millis)
      note(`${millis / 1000} s pass`)
      for (const instance of instances.values()) look(instance)
    },
    setClock: (instance, byMillis) => {
      instance.clock.set(byMillis)
      note(`the clock of ${instance.name} is set by ${byMillis / 1000} s`)
      look(instance)
    },
    worstErrorMillis: () => worstErrorMillis,
  }
}
