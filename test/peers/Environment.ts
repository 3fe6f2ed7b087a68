/**
 * The Python environment that FastMCP runs in: made before the tests that need it, and kept until its requirements change.
 *
 * Vitest makes it once, so that no two test files make it at the same time.
 */
import { execFile } from "node:child_process"
import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { promisify } from "node:util"

const INSTALL_MILLIS = 200_000

/** Where the server and what it requires are written down. */
export const FASTMCP = join(import.meta.dirname, "fastmcp")
const ENVIRONMENT = join(import.meta.dirname, ".venv")
export const PYTHON = join(
  ENVIRONMENT,
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
)

const run = promisify(execFile)

/** Reuses the environment as long as the requirements are those that it was made from. */
const prepareEnvironment = async (): Promise<void> => {
  const [requirements, stamp] = [join(FASTMCP, "requirements.txt"), join(ENVIRONMENT, "requirements.txt")]
  const wanted = await readFile(requirements, "utf8")
  if ((await readFile(stamp, "utf8").catch(() => undefined)) === wanted) return
  await rm(ENVIRONMENT, { recursive: true, force: true })
  try {
    await run("python3", ["-m", "venv", ENVIRONMENT])
    const flags = ["--quiet", "--no-input", "--disable-pip-version-check"]
    await run(PYTHON, ["-m", "pip", "install", ...flags, "-r", requirements], { timeout: INSTALL_MILLIS })
  } catch (cause) {
    throw new Error("the Python environment could not be made; install `python3` 3.10 or newer with venv", { cause })
  }
  await writeFile(stamp, wanted)
}

export default prepareEnvironment
