/**
 * The instances of a soak: started, killed without goodbye and started again, each with a clock that is wrong in its own way.
 *
 * Ends only what it started.
 */
import type { Random } from "../live/support/Random.ts"
import { serveProgram, type RunningServer } from "../live/support/ServeProcess.ts"
import type { InstanceSetting, Setting } from "./Setting.ts"

/** No two clocks are further apart than twice this, which is less than what stops an instance from writing. */
const MAX_AHEAD_MILLIS = 2000
/** So far that an instance no longer believes its own clock. */
const JUMP_MILLIS = 3_600_000

export interface Instances {
  readonly count: number
  /** Where one listens, or did when it was killed. */
  readonly url: (index: number) => string
  /** Resolves once nothing is being done to one. */
  readonly whole: () => Promise<void>
  /** Kills one, or sets the clock of one, which is the next to be killed; does nothing while that is under way. */
  readonly disturb: () => Promise<void>
  readonly disturbed: { readonly killCount: number; readonly jumpCount: number }
  readonly stop: () => Promise<void>
}

export const startInstances = async (setting: Setting, count: number, random: Random): Promise<Instances> => {
  const start = (): Promise<RunningServer> => {
    const aheadMillis = random.below(2 * MAX_AHEAD_MILLIS + 1) - MAX_AHEAD_MILLIS
    const given: InstanceSetting = { ...setting, aheadMillis }
    return serveProgram(new URL("./Instance.ts", import.meta.url), JSON.stringify(given))
  }
  const running = await Promise.all(Array.from({ length: count }, start))
  const disturbed = { killCount: 0, jumpCount: 0 }
  let disturbing: Promise<void> | undefined
  let mistimed: number | undefined

  const kill = async (index: number) => {
    disturbed.killCount++
    await running[index]!.kill()
    running[index] = await start()
  }
  const setWrong = async (index: number) => {
    disturbed.jumpCount++
    await fetch(`${running[index]!.url}/clock?${JUMP_MILLIS}`, { method: "POST" })
  }
  return {
    count,
    url: (index) => running[index]!.url,
    whole: async () => disturbing,
    disturb: async () => {
      if (disturbing !== undefined) return
      const victim = mistimed ?? random.below(count)
      const isSetWrong = mistimed === undefined && disturbed.killCount > disturbed.jumpCount
      mistimed = isSetWrong ? victim : undefined
      disturbing = (isSetWrong ? setWrong : kill)(victim).finally(() => (disturbing = undefined))
      await disturbing
    },
    disturbed,
    stop: async () => {
      await Promise.allSettled([disturbing])
      await Promise.all(running.map((server) => server.stop()))
    },
  }
}
