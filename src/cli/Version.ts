/**
 * The version of the package that this file belongs to: in a checkout, and when it is installed.
 *
 * It needs nothing else, so that a version is told without anything being loaded.
 */
import { readFileSync } from "node:fs"

/** From the source, and from where the build puts the command. */
const manifests = ["../../package.json", "../../../package.json"]

export const version = (module: string = import.meta.url): string => {
  const found = manifests
    .map((path) => new URL(path, module))
    .map((url) => {
      try {
        return JSON.parse(readFileSync(url, "utf8")) as { readonly version: string }
      } catch {
        return undefined
      }
    })
  return found.find((one) => one !== undefined)?.version ?? "unknown"
}

export const versionLine = (): string => `grantlog v${version()}\n`
