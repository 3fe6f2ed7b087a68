/**
 * Files that anybody may read, for a web server to serve: written whole and durable, with mode 0644, folders as needed.
 *
 * Whoever reads meanwhile gets what was there before or what was written. Every function throws what the file system
 * throws.
 */
import { mkdirSync } from "node:fs"
import { createRequire } from "node:module"
import { dirname } from "node:path"

const PUBLIC = 0o644

const load = createRequire(import.meta.url)

/** Puts `content` in the place of what a file held; makes the file and its folders where there are none. */
export const publishFile = (path: string, content: string | Uint8Array): void => {
  const { sync } = load("write-file-atomic") as typeof import("write-file-atomic")
  mkdirSync(dirname(path), { recursive: true })
  sync(path, typeof content === "string" ? content : Buffer.from(content), { mode: PUBLIC })
}
