/**
 * Other people's authorization servers, running on this machine: what a tester of any issuer is tried on.
 *
 * Each listens on a loopback port that was free and approves whoever asks. Ends only what it started.
 */
import { execFile, spawn, type ChildProcessWithoutNullStreams } from "node:child_process"
import { once } from "node:events"
import { readFile, rm, writeFile } from "node:fs/promises"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { promisify } from "node:util"
import { serveOidcProvider, type Storage } from "./oidcProvider.ts"

export interface Peer {
  readonly name: string
  /** What its metadata is found under. */
  readonly issuer: string
  readonly stop: () => Promise<void>
}

/** The first start installs what the server needs. */
const INSTALL_MILLIS = 200_000
const START_MILLIS = 60_000

const FASTMCP = join(import.meta.dirname, "fastmcp")
const ENVIRONMENT = join(import.meta.dirname, ".venv")
const PYTHON = join(ENVIRONMENT, ...(process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]))

const run = promisify(execFile)

export interface OidcProviderOptions {
  readonly storage?: Storage
}

export const startOidcProvider = async ({ storage = "memory" }: OidcProviderOptions = {}): Promise<Peer> => ({
  name: storage === "memory" ? "oidc-provider" : "oidc-provider, awaited storage",
  ...(await serveOidcProvider(storage)),
})

export interface FastmcpOptions {
  /** How long an access token lives; an hour, as FastMCP has it, unless told: too long to wait for its end. */
  readonly accessTokenSeconds?: number
}

export const startFastmcp = async ({ accessTokenSeconds = 3600 }: FastmcpOptions = {}): Promise<Peer> => {
  await prepareEnvironment()
  const args = [join(FASTMCP, "server.py"), "0", String(accessTokenSeconds)]
  const child = spawn(PYTHON, args)
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, "exit")
    // Asked to end it would wait for open connections, and it has nothing that it could lose.
    child.kill("SIGKILL")
    await ended
  }
  try {
    const issuer = await issuerFrom(child)
    // The port is bound before that line is printed: who asks is answered once the server is up.
    const url = `${issuer}/.well-known/oauth-authorization-server`
    const { status } = await fetch(url, { signal: AbortSignal.timeout(START_MILLIS) })
    if (status !== 200) throw new Error(`the metadata of FastMCP was answered with ${status}`)
    return { name: "FastMCP", issuer, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const issuerFrom = async (child: ChildProcessWithoutNullStreams): Promise<string> => {
  let complaints = ""
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (complaints += chunk))
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), "line", { signal: AbortSignal.timeout(START_MILLIS) }),
    once(child, "close").then(() => {
      throw new Error(`FastMCP ended before it listened: ${complaints}`)
    }),
  ])) as [string]
  return (JSON.parse(line) as { readonly issuer: string }).issuer
}

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
