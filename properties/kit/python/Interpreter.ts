/**
 * Which Python a provider runs in: the one that is named, else that of the environment that is active, else that of the
 * nearest `.venv`, from the provider's own folder upwards, else `python3`.
 */
import { existsSync } from "node:fs"
import { dirname, join, resolve } from "node:path"

const isWindows = process.platform === "win32"
const IN_ENVIRONMENT = isWindows ? ["Scripts", "python.exe"] : ["bin", "python"]

/** Whether it is the path of a file, and no dotted name. */
export const isFile = (module: string): boolean => /\.py$|[/\\]/.test(module)

const foldersFrom = (folder: string): ReadonlyArray<string> =>
  dirname(folder) === folder ? [folder] : [folder, ...foldersFrom(dirname(folder))]

export const interpreterFor = (
  module: string,
  environment: Readonly<Record<string, string | undefined>> = process.env,
): string => {
  const active = environment["VIRTUAL_ENV"]
  if (active !== undefined && active !== "") return join(active, ...IN_ENVIRONMENT)
  const start = isFile(module) ? dirname(resolve(module)) : process.cwd()
  const found = foldersFrom(start)
    .map((folder) => join(folder, ".venv", ...IN_ENVIRONMENT))
    .find((path) => existsSync(path))
  return found ?? (isWindows ? "python" : "python3")
}
