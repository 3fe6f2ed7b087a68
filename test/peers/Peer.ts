/**
 * Other people's authorization servers, running on this machine: what a tester of any issuer is tried on.
 *
 * Each listens on a loopback port that was free and approves whoever asks. How each was set up is said beside it. Ends only what it started.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { AUTHLIB, FASTMCP, GO_SERVER, PYTHON } from "./Environment.ts"
import { serveOidcProvider, type Storage } from "./oidcProvider.ts"

export interface Peer {
  readonly name: string
  /** What its metadata is found under. */
  readonly issuer: string
  readonly stop: () => Promise<void>
}

const START_MILLIS = 240_000

export interface OidcProviderOptions {
  readonly storage?: Storage
  readonly isPushed?: boolean
}

export const startOidcProvider = async ({
  storage = "memory",
  isPushed = false,
}: OidcProviderOptions = {}): Promise<Peer> => ({
  name: `oidc-provider${storage === "memory" ? "" : ", awaited storage"}${isPushed ? ", requests pushed" : ""}`,
  ...(await serveOidcProvider({ storage, isPushed })),
})

export interface FastmcpOptions {
  /** How long an access token lives; by default an hour, as FastMCP has it: too long to wait for its end. */
  readonly accessTokenSeconds?: number
}

export const startFastmcp = async ({ accessTokenSeconds = 3600 }: FastmcpOptions = {}): Promise<Peer> => {
  const peer = await started("FastMCP", PYTHON, [join(FASTMCP, "server.py"), "0", String(accessTokenSeconds)])
  // The port is bound before that line is printed: who asks is answered once the server is up.
  const url = `${peer.issuer}/.well-known/oauth-authorization-server`
  const status = await fetch(url, { signal: AbortSignal.timeout(START_MILLIS) }).then(
    (answer) => answer.status,
    (error: unknown) => String(error),
  )
  if (status === 200) return peer
  await peer.stop()
  throw new Error(`the metadata of FastMCP was answered with ${status}`)
}

export const startAuthlib = (): Promise<Peer> => started("Authlib", PYTHON, [join(AUTHLIB, "server.py")])

export const startGoOauth2 = (): Promise<Peer> => started("go-oauth2", GO_SERVER, [])

/** A program that prints `{ "issuer": … }` as soon as it can be connected to, and ends with its standard input. */
const started = async (name: string, program: string, args: ReadonlyArray<string>): Promise<Peer> => {
  const child = spawn(program, args)
  const stop = async () => {
    if (child.exitCode !== null || child.signalCode !== null) return
    const ended = once(child, "exit")
    // Asked to end it might wait for open connections, and it has nothing that it could lose.
    child.kill("SIGKILL")
    await ended
  }
  try {
    return { name, issuer: await issuerFrom(name, child), stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const issuerFrom = async (name: string, child: ChildProcessWithoutNullStreams): Promise<string> => {
  let complaints = ""
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (complaints += chunk))
  const [line] = (await Promise.race([
    once(createInterface(child.stdout), "line", { signal: AbortSignal.timeout(START_MILLIS) }),
    once(child, "close").then(() => {
      throw new Error(`${name} ended before it listened: ${complaints}`)
    }),
  ])) as [string]
  return (JSON.parse(line) as { readonly issuer: string }).issuer
}
