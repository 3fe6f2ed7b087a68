/**
 * Others' witnesses, and others' readers of a log's tiles, as programs on this machine: transparency-dev's witness,
 * torchwood's litewitness, and the clients of torchwood and tessera.
 *
 * Each witness listens on a loopback port that was free. Ends only what it started.
 */
import { spawn, type ChildProcessWithoutNullStreams } from "node:child_process"
import { createHash } from "node:crypto"
import { once } from "node:events"
import { createInterface } from "node:readline"
import { DatabaseSync } from "node:sqlite"
import { text } from "node:stream/consumers"
import { temporaryFolder } from "../live/support/Folder.ts"
import { freePort } from "../support/FreePort.ts"
import { GO_TLOG, LITEWITNESS } from "./Environment.ts"

export interface PeerWitness extends AsyncDisposable {
  /** Its submission prefix. */
  readonly url: string
  /** Its verifier key. */
  readonly vkey: string
}

const ended = async (child: ChildProcessWithoutNullStreams): Promise<void> => {
  if (child.exitCode !== null || child.signalCode !== null) return
  const over = once(child, "exit")
  child.stdin.end()
  child.kill()
  await over
}

/** The first line that a program prints, as JSON. */
const told = async <A>(child: ChildProcessWithoutNullStreams): Promise<A> => {
  let stderr = ""
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (stderr += chunk))
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve)
    child.once("exit", (code) => reject(new Error(`${child.spawnfile} ended with ${code}: ${stderr}`)))
  })
  return JSON.parse(line) as A
}

/** The witness of transparency-dev, which knows one log. */
export const startWitness = async (
  name: string,
  algorithm: "ed25519" | "ml-dsa-44",
  logKey: string,
): Promise<PeerWitness> => {
  const child = spawn(GO_TLOG, ["witness", name, algorithm, logKey])
  const { url, vkey } = await told<{ url: string; vkey: string }>(child)
  return { url, vkey, [Symbol.asyncDispose]: () => ended(child) }
}

/** What litewitness has in its table of logs before it has seen anything of one. */
const EMPTY_ROOT = createHash("sha256").digest("base64")

/** torchwood's litewitness, which knows one log: with a database, and a key that an agent holds for it. */
export const startLitewitness = async (name: string, logKey: string): Promise<PeerWitness> => {
  const folder = temporaryFolder()
  const [socket, database] = [folder.at("agent"), folder.at("witness.db")]
  const agent = spawn(GO_TLOG, ["agent", socket, name])
  const { fingerprint, vkey } = await told<{ fingerprint: string; vkey: string }>(agent)
  const address = `127.0.0.1:${await freePort()}`
  const flags = ["-name", name, "-db", database, "-ssh-agent", socket, "-key", fingerprint, "-listen", address]
  const child = spawn(LITEWITNESS, flags)
  child.stdout.resume()
  // It says that it listens just before it does; its tables are there by then.
  const lines = createInterface(child.stderr)
  await new Promise<void>((resolve, reject) => {
    lines.on("line", (line) => line.includes("msg=listening") && resolve())
    child.once("exit", (code) => reject(new Error(`litewitness ended with ${code}`)))
  })
  const origin = logKey.slice(0, logKey.indexOf("+"))
  const tables = new DatabaseSync(database, { timeout: 10_000 })
  tables.prepare("INSERT INTO log (origin, tree_size, tree_hash) VALUES (?, 0, ?)").run(origin, EMPTY_ROOT)
  tables.prepare("INSERT INTO key (origin, key) VALUES (?, ?)").run(origin, logKey)
  tables.close()
  const url = `http://${address}`
  await answering(url, child)
  return {
    url,
    vkey,
    [Symbol.asyncDispose]: async () => {
      await Promise.all([ended(child), ended(agent)])
      folder[Symbol.dispose]()
    },
  }
}

/** Waits until somebody answers there, whatever it is, for as long as the program runs. */
const answering = async (url: string, child: ChildProcessWithoutNullStreams): Promise<void> => {
  while (child.exitCode === null && child.signalCode === null) {
    const answer = await fetch(url).catch(() => undefined)
    if (answer !== undefined) return void (await answer.arrayBuffer())
    await new Promise((resolve) => setImmediate(resolve))
  }
  throw new Error(`nothing answers at ${url}: the program has ended`)
}

export interface TilesQuestion {
  /** Where the tiles are. */
  readonly prefix: string
  readonly logKey: string
  /** Which checkpoint is believed: a file of C2SP tlog-policy. */
  readonly policy: string
  /** Leaves that have to be in the tree. Hashes are base64url. */
  readonly leaves: ReadonlyArray<{ readonly index: number; readonly hash: string }>
  /** A tree that the one of the checkpoint has to continue. */
  readonly old: { readonly size: number; readonly root: string }
}

/** What torchwood and tessera found of a log by its tiles: its size; rejects with what they said if it does not hold. */
export const readTiles = async (
  question: TilesQuestion,
): Promise<{ readonly torchwood: number; readonly tessera: number; readonly root: string }> => {
  const child = spawn(GO_TLOG, ["read"])
  child.stdin.end(JSON.stringify(question))
  const [stdout, stderr] = await Promise.all([text(child.stdout), text(child.stderr)])
  if (stdout === "") throw new Error(stderr)
  return JSON.parse(stdout) as { torchwood: number; tessera: number; root: string }
}
