/**
 * Programs that Debian packages: the one of this machine, or else that of the package, unpacked without installing it.
 *
 * Kept beside the Python environment. Where neither can be had, as on a machine without apt, the run says so loudly and
 * leaves out what needs it; never in CI.
 */
import { execFileSync } from "node:child_process"
import { existsSync, mkdirSync, readdirSync } from "node:fs"
import { delimiter, join } from "node:path"

const UNPACKED = join(import.meta.dirname, "../.venv/debian")
const DOWNLOAD_MILLIS = 120_000

/** The program of that name that this machine has. */
export const onPath = (name: string): string | undefined =>
  [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin"].map((folder) => join(folder, name)).find(existsSync)

const unpacked = (name: string, place: string): string => {
  const folder = join(UNPACKED, name)
  const program = join(folder, place)
  if (existsSync(program)) return program
  mkdirSync(folder, { recursive: true })
  const options = { cwd: folder, stdio: "pipe", timeout: DOWNLOAD_MILLIS } as const
  execFileSync("apt-get", ["download", name], options)
  const [archive] = readdirSync(folder).filter((one) => one.endsWith(".deb"))
  execFileSync("dpkg-deb", ["-x", archive!, "."], options)
  return program
}

/** The program of that name; `place` is where its package has it. `undefined` where it cannot be had. */
export const debianProgram = (name: string, place: string): string | undefined => {
  const found = onPath(name)
  if (found !== undefined) return found
  try {
    return unpacked(name, place)
  } catch (cause) {
    const said = cause instanceof Error ? cause.message.split("\n")[0] : String(cause)
    const message = `SKIPPED: what needs ${name}: it is not here, and not to be had from Debian (${said})`
    if (process.env["CI"] !== undefined) throw new Error(message, { cause })
    console.error(message)
    return undefined
  }
}
