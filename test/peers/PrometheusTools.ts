/**
 * Prometheus and its promtool: those on the PATH, or Debian's, unpacked beside the Python environment.
 *
 * Where neither is to be had, whoever needs them says so and is skipped; in CI that is a failure.
 */
import { execFile } from "node:child_process"
import { existsSync } from "node:fs"
import { mkdtemp, readdir, rename, rm } from "node:fs/promises"
import { delimiter, join } from "node:path"
import { promisify } from "node:util"

const run = promisify(execFile)
const FOLDER = join(import.meta.dirname, ".prometheus")
const UNPACKED = join(FOLDER, "usr", "bin")

const folders = [...(process.env["PATH"] ?? "").split(delimiter), UNPACKED]

/** Where both programs are; `undefined` where they are nowhere. */
export const prometheusTools = (): { readonly prometheus: string; readonly promtool: string } | undefined => {
  const folder = folders.find((one) => ["prometheus", "promtool"].every((name) => existsSync(join(one, name))))
  return folder === undefined
    ? undefined
    : { prometheus: join(folder, "prometheus"), promtool: join(folder, "promtool") }
}

/** A machine that was just made knows no packages yet. */
const download = async (folder: string): Promise<void> => {
  const ask = () => run("apt-get", ["download", "prometheus"], { cwd: folder, timeout: 300_000 })
  await ask().catch(async () => {
    await run("apt-get", ["update"], { timeout: 300_000 })
    await ask()
  })
}

/** Debian's package, as its own client gets it: nothing is installed. */
export const preparePrometheus = async (): Promise<void> => {
  if (prometheusTools() !== undefined) return
  const fresh = await mkdtemp(`${FOLDER}-`)
  try {
    await download(fresh)
    const name = (await readdir(fresh)).find((one) => one.endsWith(".deb"))!
    await run("dpkg-deb", ["-x", join(fresh, name), join(fresh, "unpacked")])
    await rename(join(fresh, "unpacked"), FOLDER)
  } catch (cause) {
    const [why] = cause instanceof Error ? cause.message.split("\n") : []
    console.error(`SKIPPED: what needs Prometheus, which is neither here nor to be had from Debian (${why})`)
  } finally {
    await rm(fresh, { recursive: true, force: true })
  }
}
