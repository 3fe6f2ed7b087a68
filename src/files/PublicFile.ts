/**
 * Files that anybody may read, for a web server to serve: written whole and durable, with mode 0644, in folders of mode 0755 that are made as
 * needed.
 *
 * Whoever reads meanwhile gets what was there before or what was written. Every function throws what the file system
 * throws.
 */
import { chmodSync, mkdirSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"

const PUBLIC = 0o644
const PUBLIC_FOLDER = 0o755

const load = createRequire(import.meta.url)

/** Puts `content` in the place of what a file held; makes the file and its folders where there are none. */
export const publishFile = (path: string, content: string | Uint8Array): void => {
  const { sync } = load("write-file-atomic") as typeof import("write-file-atomic")
  const folder = dirname(path)
  const first = mkdirSync(folder, { recursive: true })
  if (first !== undefined) {
    for (let made = folder; made.length >= first.length; made = dirname(made)) chmodSync(made, PUBLIC_FOLDER)
  }
  sync(path, typeof content === "string" ? content : Buffer.from(content), { mode: PUBLIC })
}
