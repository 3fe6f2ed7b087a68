/** Witnesses of a log by the command: what they cosign is kept and can be demanded, and what they refuse is told. */
import { existsSync, readFileSync, rmSync, writeFileSync } from "node:fs"
import type { ServerResponse } from "node:http"
import { beforeAll, describe, expect, it } from "vitest"
import { grantlogHere } from "../../live/support/InProcess.ts"
import { freePort } from "../../support/FreePort.ts"
import type { WitnessAlgorithm } from "../../support/Witness.ts"
import { by, keysOf, witnessedLogs, type WitnessedLogs } from "./WitnessedLogs.ts"

let logs: WitnessedLogs
let { newLog, grow, witnessed, cosign, back, logKey } = {} as WitnessedLogs

beforeAll(async () => {
  logs = await witnessedLogs()
  ;({ newLog, grow, witnessed, cosign, back, logKey } = logs)
  return () => logs[Symbol.dispose]()
})

describe("a checkpoint that a witness is asked about", () => {
  it.each<WitnessAlgorithm>(["ed25519", "ml-dsa-44"])(
    "is cosigned and kept, as the log grows: %s",
    async (algorithm) => {
      const [log, witness] = [newLog(), await witnessed("w.example", algorithm)]
      const first = await cosign(log, witness)
      expect(first).toMatchObject({ witnessedBy: [{ name: "w.example" }], refusals: [] })
      expect(first.checkpoint.split("\n\n")[1]!.split("\n")).toHaveLength(3)
      await grow(log)
      await grow(log)
      const second = await cosign(log, witness)
      expect(second.size).toBeGreaterThan(first.size)
      expect(witness.sizeOf(logKey.split("+")[0]!)).toBe(second.size)
      expect(readFileSync(`${log.file}.checkpoint.witnessed`, "utf8")).toBe(second.checkpoint)
      // What was kept says from where on to prove: nobody is asked twice.
      expect(witness.asked.map((body) => body.split("\n")[0])).toEqual(["old 0", `old ${first.size}`])
    },
  )

  it("is proven from the size on that the witness remembers, where the log does not", async () => {
    const [log, witness] = [newLog(), await witnessed("w.example")]
    const first = await cosign(log, witness)
    rmSync(`${log.file}.checkpoint.witnessed`)
    await grow(log)
    expect((await cosign(log, witness)).witnessedBy).toHaveLength(1)
    expect(witness.asked.map((body) => body.split("\n")[0])).toEqual(["old 0", "old 0", `old ${first.size}`])
    rmSync(`${log.file}.checkpoint.witnessed`)
    expect((await cosign(log, witness)).witnessedBy).toHaveLength(1)
  })

  it("is cosigned by all who answer, and a witness that is down stops nobody who does not demand it", async () => {
    const [log, one, two] = [newLog(), await witnessed("w1.example"), await witnessed("w2.example")]
    const down = { ...two, url: `http://127.0.0.1:${await freePort()}` }
    const { witnessedBy, refusals } = await cosign(log, one, down)
    expect(witnessedBy.map(({ name }) => name)).toEqual(["w1.example"])
    expect(refusals).toMatchObject([{ witness: down.url, reason: "unusable" }])
    const told = await log.run("checkpoint", ...by(one, down))
    expect(told.code).toBe(0)
    expect(told.stderr).toMatch(
      /cosigned by w1\.example at 20\d\d-.*\nnot cosigned: `http:.*` cannot be reached \(ECONNREFUSED\)\n/,
    )
    const demanded = await log.run("checkpoint", ...by(one, down), "--witness-quorum", "2")
    expect([demanded.code, demanded.stdout]).toEqual([1, ""])
    expect(demanded.stderr).toContain("1 witnesses cosigned, and 2 have to: `http://127.0.0.1")
    expect((await log.run("checkpoint", ...by(one, two), "--witness-quorum", "2")).code).toBe(0)
  })

  const reply =
    (status: number, body = "", headers: Record<string, string> = {}) =>
    (response: ServerResponse) =>
      void response.writeHead(status, headers).end(body)
  it.each<[string, (response: ServerResponse) => void, string]>([
    ["404", reply(404), "does not know this log (404): whoever runs it has to add the log `localhost:"],
    ["403", reply(403), "does not take this log's key (403): whoever runs it has to add the log `localhost:"],
    ["400", reply(400), "says that it was asked wrongly (400)"],
    ["500", reply(500, "x".repeat(1000)), "answered with 500: try again later"],
    [
      "a redirect",
      reply(307, "", { location: "/elsewhere" }),
      "sends on to another address (307), which is not followed",
    ],
    ["409 without a size", reply(409, "many\n"), "answered with 409 and without the size that it knows"],
    ["409 with the size it was given", reply(409, "0\n"), "answered with 409 and without the size that it knows"],
    ["no signature", reply(200, "fine\n"), "it answered with a line that is no signature: look at --witness-key"],
    ["too much", reply(200, "x".repeat(70_000)), "answered with more than 65536 bytes"],
    ["nothing", (response) => void response.destroy(), "cannot be reached"],
  ])("is not cosigned by one that answers with %s, and it is said why", async (_, answer, message) => {
    const [log, witness] = [newLog(), await witnessed("w.example")]
    witness.answerNext(answer)
    const { refusals, witnessedBy } = await cosign(log, witness)
    expect(witnessedBy).toEqual([])
    expect(refusals[0]!.message).toContain(message)
    expect(existsSync(`${log.file}.checkpoint.witnessed`)).toBe(false)
  })

  it("is not cosigned by a key that nobody named", async () => {
    const [log, one, two] = [newLog(), await witnessed("w1.example"), await witnessed("w2.example")]
    const { refusals } = await cosign(log, { ...one, vkey: two.vkey })
    expect(refusals[0]!.message).toBe("it answered with no cosignature by a key that is known: look at --witness-key")
  })

  it.each([
    [["--witness", "https://w.example"], "--witness needs --witness-key"],
    [["--witness-quorum", "1"], "--witness-quorum needs --witness-key"],
    [["--witness-key", "w.example+key"], "--witness-key `w.example+key` is no verifier key of a witness"],
    [["--witness", "w.example"], "--witness `w.example` is no address of a witness"],
    [["--witness", "ftp://w.example"], "--witness `ftp://w.example` is no address of a witness"],
  ])("a call that says half of it is refused: %s", async (flags, message) => {
    const { code, stderr } = await newLog().run("checkpoint", ...flags)
    expect(code).toBe(2)
    expect(stderr).toContain(message)
  })

  it("more witnesses than there are cannot be demanded, and one by two keys is one", async () => {
    const [one, again] = [await witnessed("w1.example"), await witnessed("w1.example", "ml-dsa-44")]
    const { code, stderr } = await newLog().run("checkpoint", ...by(one, again), "--witness-quorum", "2")
    expect(code).toBe(2)
    expect(stderr).toContain("--witness-quorum 2 is more than there are witnesses in --witness-key: 1")
  })
})

describe("a log that was put back", () => {
  it("is told by the witness, though everything beside it was put back too", async () => {
    const [log, witness] = [newLog(), await witnessed("w.example")]
    const restore = await back(log)
    await grow(log)
    const { size } = await cosign(log, witness)
    restore()
    // Nobody here can tell.
    expect((await log.run("verify")).code).toBe(0)
    const cut = await log.run("checkpoint", ...by(witness))
    expect([cut.code, cut.stdout]).toEqual([1, ""])
    expect(cut.stderr).toMatch(
      new RegExp(`has seen ${size} entries of this log, which has \\d+: it was cut or restored\n$`),
    )
    // A fork that has become longer than what the witness saw.
    await grow(log)
    await grow(log)
    const forked = await log.run("checkpoint", ...by(witness))
    expect([forked.code, forked.stdout]).toEqual([1, ""])
    expect(forked.stderr).toContain(
      `has seen another history of this log (422): its first ${size} entries are not those`,
    )
    expect(witness.sizeOf(logKey.split("+")[0]!)).toBe(size)
  })
})

describe("who demands witnesses", () => {
  it("gets proofs under what they cosigned, which hold with their keys and with no others", async () => {
    const [log, one, two] = [newLog(), await witnessed("w1.example"), await witnessed("w2.example")]
    const other = await witnessed("w3.example")
    const proof = logs.folder.at("demanded.tlog-proof")
    const prove = (...flags: ReadonlyArray<string>) => log.run("prove", "0", "--out", proof, "--force", ...flags)
    const none = await prove(...keysOf(one))
    expect(none.code).toBe(1)
    expect(none.stderr).toContain(
      "no checkpoint is kept that enough witnesses cosigned: the checkpoint was cosigned by 0",
    )
    await cosign(log, one, two)
    // Newer, and not cosigned.
    await grow(log)
    await log.run("checkpoint")
    expect((await prove(...keysOf(one, two, other), "--witness-quorum", "2")).code).toBe(0)
    const verify = (...flags: ReadonlyArray<string>) => grantlogHere(["verify-proof", proof, "--key", logKey, ...flags])
    const held = await verify(...keysOf(one, two, other), "--witness-quorum", "2")
    expect(held.code).toBe(0)
    expect(held.stderr).toMatch(/^the checkpoint was cosigned by w1\.example at .*\nthe checkpoint was cosigned by w2/)
    // All that are named, unless fewer are said to be enough.
    const all = await verify(...keysOf(one, two, other))
    expect([all.code, all.stdout]).toEqual([1, ""])
    expect(all.stderr).toBe(
      "grantlog: the proof does not hold: the checkpoint was cosigned by 2 witnesses, and has to be by 3: not by `w3.example`\n",
    )
    expect((await verify(...keysOf(other))).code).toBe(1)
    expect((await verify()).code).toBe(0)
  })

  it("has only what they cosigned count as covered", async () => {
    const [log, witness] = [newLog(), await witnessed("w.example")]
    expect((await log.run("verify", ...keysOf(witness))).stderr).toContain(
      "no checkpoint is kept that enough witnesses",
    )
    const { size, checkpoint } = await cosign(log, witness)
    await grow(log)
    await log.run("checkpoint")
    expect((await log.run("verify")).stdout).toContain("covered to the end")
    const demanded = await log.run("verify", ...keysOf(witness))
    expect(demanded.code).toBe(0)
    expect(demanded.stdout).toContain(`uncovered: positions ${size} to `)
    const elsewhere = logs.folder.at("elsewhere.checkpoint")
    writeFileSync(elsewhere, checkpoint)
    rmSync(`${log.file}.checkpoint.witnessed`)
    expect((await log.run("verify", "--from", elsewhere, ...keysOf(witness))).stdout).toContain(
      `uncovered: positions ${size}`,
    )
  })
})
