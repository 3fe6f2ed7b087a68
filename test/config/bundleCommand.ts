/**
 * The `grantlog` command as it is shipped: its own modules and those of `effect` joined into few files.
 *
 * Finding and reading some four hundred small files is most of what a short command costs, and nine tenths of what they
 * hold is never used. Whatever a command alone needs stays a file of its own that is read when that command runs. Other
 * packages stay where npm puts them, for there they can be replaced: by another version of the same, or by the platform's.
 */
import { chmodSync, readFileSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { fileURLToPath } from "node:url"
import { rolldown } from "rolldown"

const root = fileURLToPath(new URL("../..", import.meta.url))

/** What is joined, of all that has a bare name. */
export const joinedPackages: ReadonlyArray<string> = ["effect", "@effect/platform-node", "@effect/platform-node-shared"]

/** The bundler's own package is what it may add itself. */
const isJoined = (id: string): boolean =>
  [...joinedPackages, "@oxc-project/runtime"].some((name) => id === name || id.startsWith(`${name}/`))

const noticeOf = (name: string): string =>
  `${name}\n\n${readFileSync(join(root, "node_modules", name, "LICENSE"), "utf8")}`

/** Writes programs of this repository into a folder, each under its name; the folder is emptied before. */
export const bundlePrograms = async (folder: string, input: Readonly<Record<string, string>>): Promise<void> => {
  const bundle = await rolldown({
    cwd: root,
    input,
    platform: "node",
    external: (id) => !/^[./]/.test(id) && !isJoined(id),
    logLevel: "warn",
  })
  await bundle.write({ dir: folder, cleanDir: true, comments: false, minify: "dce-only" })
  await bundle.close()
}

/** Writes the command into a folder, to be started as `main.js` there. */
export const bundleCommand = async (folder: string): Promise<void> => {
  // The process that a check runs in is started by its own file, which lies beside that of the command.
  await bundlePrograms(folder, { main: "src/cli/main.ts", Child: "src/cli/check/Child.ts" })
  writeFileSync(join(folder, "LICENSES.txt"), joinedPackages.map(noticeOf).join("\n"))
  chmodSync(join(folder, "main.js"), 0o755)
}

if (import.meta.main) await bundleCommand(join(root, "dist/command"))
