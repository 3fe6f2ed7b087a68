/**
 * Files that somebody else may have written: read as far as they may be long, and not further.
 *
 * What has no end, as a device, costs no more than what is too long.
 */
import { closeSync, openSync, readSync } from "node:fs"

/** The text of a file; `undefined` if it has more than `maxBytes`. Throws what the file system throws. */
export const readSmallFile = (path: string, maxBytes: number): string | undefined => {
  const file = openSync(path, "r")
  try {
    const bytes = Buffer.alloc(maxBytes + 1)
    let length = 0
    while (length < bytes.length) {
      const count = readSync(file, bytes, length, bytes.length - length, null)
      if (count === 0) return bytes.toString("utf8", 0, length)
      length += count
    }
    return undefined
  } finally {
    closeSync(file)
  }
}
