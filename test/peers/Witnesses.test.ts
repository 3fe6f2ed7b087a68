/** A log before witnesses that others wrote, who refuse what was put back, and its tiles before readers that others wrote. */
import { copyFileSync, existsSync, readFileSync, rmSync } from "node:fs"
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { join } from "node:path"
import { DatabaseSync, backup } from "node:sqlite"
import { afterAll, describe, expect, it, onTestFinished } from "vitest"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { serve } from "../live/support/ServeProcess.ts"
import { growingLog, type GrowingLog } from "../support/GrowingLog.ts"
import { readTiles, startLitewitness, startWitness, type PeerWitness, type TilesQuestion } from "./Tlog.ts"

interface Cosigned {
  readonly size: number
  readonly root: string
  readonly checkpoint: string
  readonly verifierKey: string
  readonly witnessedBy: ReadonlyArray<{ readonly name: string }>
}

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())
let count = 0

const newLog = async (entryCount = 3): Promise<GrowingLog & { readonly key: string }> => {
  const log = await growingLog(folder.at(`log-${++count}.db`))
  await log.grow(entryCount)
  const { verifierKey } = await grantlogJsonHere<Cosigned>(["checkpoint", ...log.store])
  return { ...log, key: verifierKey }
}

const asking = ({ url, vkey }: PeerWitness) => ["--witness", url, "--witness-key", vkey, "--witness-quorum", "1"]

const witnesses: ReadonlyArray<readonly [string, (logKey: string) => Promise<PeerWitness>]> = [
  ["transparency-dev's witness, Ed25519", (key) => startWitness("witness.example/td", "ed25519", key)],
  ["transparency-dev's witness, ML-DSA-44", (key) => startWitness("witness.example/pq", "ml-dsa-44", key)],
  ["torchwood's litewitness", (key) => startLitewitness("witness.example/lite", key)],
]

describe.each(witnesses)("%s", (_, start) => {
  it("cosigns checkpoints as the log grows, for proofs that hold by its key alone", async () => {
    const log = await newLog()
    await using witness = await start(log.key)
    const cosign = () => grantlogJsonHere<Cosigned>(["checkpoint", ...log.store, ...asking(witness)])
    const name = witness.vkey.slice(0, witness.vkey.indexOf("+"))
    const sizes: Array<number> = []
    for (const more of [0, 1, 6]) {
      await log.grow(more)
      const { size, witnessedBy } = await cosign()
      expect(witnessedBy).toMatchObject([{ name }])
      sizes.push(size)
      // What it knows is asked for where the log has forgotten it.
      if (more === 1) rmSync(`${log.file}.checkpoint.witnessed`)
    }
    expect(new Set(sizes).size).toBe(3)
    const proof = folder.at(`${++count}.tlog-proof`)
    const keys = ["--witness-key", witness.vkey]
    expect((await grantlogHere(["prove", "2", "--out", proof, ...log.store, ...keys])).code).toBe(0)
    expect((await grantlogHere(["verify-proof", proof, "--key", log.key, ...keys])).code).toBe(0)
  })

  it("refuses a log that was put back with everything beside it, and one that went on from there", async () => {
    const log = await newLog()
    await using witness = await start(log.key)
    const database = new DatabaseSync(log.file)
    const old = `${log.file}.old`
    await backup(database, old)
    database.close()
    copyFileSync(`${log.file}.checkpoint`, `${old}.checkpoint`)
    await log.grow(2)
    const { size } = await grantlogJsonHere<Cosigned>(["checkpoint", ...log.store, ...asking(witness)])

    for (const suffix of ["-wal", "-shm", ".checkpoint.witnessed"]) rmSync(log.file + suffix, { force: true })
    for (const suffix of ["", ".checkpoint"]) copyFileSync(old + suffix, log.file + suffix)
    // From here it looks right.
    expect((await grantlogHere(["verify", ...log.store])).code).toBe(0)
    const cut = await grantlogHere(["checkpoint", ...log.store, ...asking(witness)])
    expect([cut.code, cut.stdout]).toEqual([1, ""])
    expect(cut.stderr).toContain(`has seen ${size} entries of this log, which has`)
    await expect(serve(log.file, "--issuer", log.issuer, ...asking(witness))).rejects.toThrow(
      "start with --accept-rollback",
    )

    await log.grow(9)
    const forked = await grantlogHere(["checkpoint", ...log.store, ...asking(witness)])
    expect([forked.code, forked.stdout]).toEqual([1, ""])
    expect(forked.stderr).toContain(
      `has seen another history of this log (422): its first ${size} entries are not those`,
    )
    expect(existsSync(`${log.file}.checkpoint.witnessed`)).toBe(false)
  })

  it("that does not know the log says so", async () => {
    const [log, other] = [await newLog(), await newLog()]
    await using witness = await start(other.key)
    const { code, stderr } = await grantlogHere(["checkpoint", ...log.store, ...asking(witness)])
    expect([code, stderr]).toEqual([1, expect.stringContaining(`with the verifier key ${log.key}`)])
  })
})

/** Serves a folder as any web server would: what is no file in it is 404. */
const serveFolder = async (root: string): Promise<string> => {
  const http = createServer((request, response) => {
    const path = join(root, request.url!)
    if (!existsSync(path)) return void response.writeHead(404).end()
    response.writeHead(200).end(readFileSync(path))
  })
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  return `http://127.0.0.1:${(http.address() as AddressInfo).port}`
}

describe("torchwood and tessera", () => {
  const PLACES = [0, 1, 255, 256, 511, 512, 599]

  const published = async () => {
    const log = await newLog(297)
    const one = await startWitness("witness.example/one", "ed25519", log.key)
    const two = await startLitewitness("witness.example/two", log.key)
    onTestFinished(async () => void (await Promise.all([one, two].map((witness) => witness[Symbol.asyncDispose]()))))
    const old = await grantlogJsonHere<Cosigned>(["checkpoint", ...log.store])
    await log.grow(600 - old.size)
    const flags = [
      "--witness",
      `${one.url} ${two.url}`,
      "--witness-key",
      `${one.vkey} ${two.vkey}`,
      "--witness-quorum",
      "2",
    ]
    await grantlogJsonHere(["checkpoint", ...log.store, ...flags])
    const lines = (await grantlogHere(["export", ...log.store])).stdout.trimEnd().split("\n").slice(1, -1)
    const leaves = lines.map((line) => JSON.parse(line) as { position: number; leaf: string })
    const policy = [
      `log ${log.key}`,
      `witness one ${one.vkey}`,
      `witness two ${two.vkey}`,
      "group both all one two",
      "quorum both",
    ]
    const question: Omit<TilesQuestion, "prefix"> = {
      logKey: log.key,
      policy: `${policy.join("\n")}\n`,
      leaves: PLACES.map((index) => ({ index, hash: leaves[index]!.leaf })),
      old: { size: old.size, root: old.root },
    }
    return { log, flags, question }
  }

  it("verify a checkpoint by a policy of two witnesses, leaves and consistency by the tiles of a server", async () => {
    const { log, flags, question } = await published()
    await using server = await serve(log.file, "--issuer", log.issuer, "--tiles-port", "0", ...flags)
    const read = await readTiles({ ...question, prefix: `${server.tilesUrl}/` })
    expect(read).toMatchObject({ torchwood: 600, tessera: 600 })
    expect(await server.stop()).toBe(0)
  })

  it("verify the same by files of a web server, and refuse a leaf, a tree and a checkpoint that are others", async () => {
    const { log, flags, question } = await published()
    const to = folder.at(`tiles-${++count}`)
    expect((await grantlogHere(["tiles", to, ...log.store, ...flags.slice(2)])).code).toBe(0)
    const prefix = `${await serveFolder(to)}/`
    expect(await readTiles({ ...question, prefix })).toMatchObject({ torchwood: 600, tessera: 600 })
    const [first, second] = question.leaves
    const swapped = { ...question, prefix, leaves: [{ index: first!.index, hash: second!.hash }] }
    await expect(readTiles(swapped)).rejects.toThrow("proof")
    await expect(readTiles({ ...question, prefix, old: { ...question.old, root: first!.hash } })).rejects.toThrow(
      "proof",
    )
    const stranger = {
      ...question,
      prefix,
      policy: question.policy.replace(/^log .*$/m, `log ${(await newLog()).key}`),
    }
    await expect(readTiles(stranger)).rejects.toThrow()
  })
})
