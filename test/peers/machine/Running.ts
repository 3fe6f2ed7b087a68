/** Whether a process runs: one that has ended is gone, whether or not anybody has looked after it since. */
import { readFileSync } from "node:fs"

export const isRunning = (pid: number): boolean => {
  try {
    return !/^\d+ \(.*\) [ZX]/.test(readFileSync(`/proc/${pid}/stat`, "utf8"))
  } catch {
    return false
  }
}
