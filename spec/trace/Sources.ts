/**
 * The TypeScript of the repository, as texts: what the trace and the law read.
 *
 * Only reads, and only below the folder that holds this package, be it a checkout or an installed one.
 */
import { existsSync, readdirSync, readFileSync } from "node:fs"
import { dirname, join, sep } from "node:path"

/** A file of the repository: its path from the top, with slashes, and its text. */
export interface SourceText {
  readonly path: string
  readonly text: string
}

const above = (folder: string): string =>
  existsSync(join(folder, "package.json")) || dirname(folder) === folder ? folder : above(dirname(folder))

/** The top of the repository: the nearest folder with a manifest, also from where the build puts this file. */
export const repository = above(import.meta.dirname)

/** What is brought here from elsewhere, packages and environments, is not ours to read. */
const isOurs = (path: string): boolean =>
  !path.split(sep).some((part) => part.startsWith(".") || part === "node_modules")

/** Every file below the given folders whose name has this ending, sorted; a folder that is absent holds none. */
export const filesOf = (ending: string, ...folders: readonly string[]): readonly SourceText[] =>
  folders
    .filter((folder) => existsSync(join(repository, folder)))
    .flatMap((folder) =>
      readdirSync(join(repository, folder), { recursive: true, encoding: "utf8" }).map((path) => join(folder, path)),
    )
    .filter((path) => path.endsWith(ending) && isOurs(path))
    .toSorted()
    .map((path) => ({ path: path.split(sep).join("/"), text: readFileSync(join(repository, path), "utf8") }))

/** Every TypeScript file below the given top-level folders. */
export const sourceTexts = (...folders: readonly string[]): readonly SourceText[] => filesOf(".ts", ...folders)
