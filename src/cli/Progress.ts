/** Lines like `entries 51200 of 1000000, 25000/s, 38 s left`, on stderr, now and then: nothing for what is soon done. */
import { tell } from "./Terminal.ts"

const TELL_EVERY_MILLIS = 1000

/** Lines like `12800 grants looked at`, on stderr, now and then, where nobody knows how many there are. */
export const grantProgress = (): ((count: number) => void) => {
  let toldAt = performance.now()
  return (count) => {
    const at = performance.now()
    if (at < toldAt + TELL_EVERY_MILLIS) return
    toldAt = at
    tell(`${count} grants looked at`)
  }
}

/** Takes how many of how many are done, as often as one likes. */
export const entryProgress = (): ((count: number, size: number) => void) => progressOf("entries")

/** The same for pages of a file. */
export const pageProgress = (): ((count: number, size: number) => void) => progressOf("pages")

const progressOf = (what: string): ((count: number, size: number) => void) => {
  const startedAt = performance.now()
  let toldAt = startedAt
  return (count, size) => {
    const at = performance.now()
    if (at < toldAt + TELL_EVERY_MILLIS) return
    toldAt = at
    const rate = Math.round(count / ((at - startedAt) / 1000))
    const left = rate === 0 ? "" : `, ${Math.ceil((size - count) / rate)} s left`
    tell(`${what} ${count} of ${size}, ${rate}/s${left}`)
  }
}
