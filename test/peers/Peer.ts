/**
 * Other people's authorization servers, running on this machine: what a tester of any issuer is tried on.
 *
 * Each listens on a loopback port that was free and approves whoever asks. Ends only what it started.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { FASTMCP, PYTHON } from "./Environment.ts"
import { serveOidcProvider, type Storage } from "./oidcProvider.ts"

export interface Peer {
  readonly name: string
  /** What its metadata is found under. */
  readonly issuer: string
  readonly stop: () => Promise<void>
}

const START_MILLIS = 60_000

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
