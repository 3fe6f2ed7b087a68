/**
 * A time that stands still for a check, so that nothing of it is cut short: not by the budget, not where a story is made
 * shorter, not where others come and go. A machine that is busy with other things then finds what any other does.
 *
 * What hangs is noticed all the same, for timers are real.
 */
import { beforeEach, onTestFinished, vi } from "vitest"

/** More than any check takes, for those that real time has to pass in. */
export const UNHURRIED_MILLIS = 600_000

/** Every test of the file that is meant runs in it. */
export const inStillTime = (isMeant = (_name: string): boolean => true): void =>
  beforeEach(({ task }) => {
    if (!isMeant(task.name)) return
    const spy = vi.spyOn(performance, "now").mockReturnValue(performance.now())
    onTestFinished(() => spy.mockRestore())
  })
