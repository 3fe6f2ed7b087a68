/** In which versions others' packages are tried: what is installed, or pinned. */
import { readFileSync } from "node:fs"
import { join } from "node:path"

const read = (...path: ReadonlyArray<string>): string => readFileSync(join(import.meta.dirname, ...path), "utf8")

export const ofNpm = (name: string): string =>
  (JSON.parse(read("..", "..", "node_modules", name, "package.json")) as { readonly version: string }).version

export const ofPython = (name: string): string =>
  new RegExp(`^${name}==(?:\\d+!)?(\\S+)$`, "m").exec(
    read("fastmcp", "requirements.txt") + read("requirements.txt"),
  )![1]!

export const ofGo = (name: string, folder = "goOauth2"): string =>
  new RegExp(`${name} v(\\S+)`).exec(read(folder, "go.mod"))![1]!
