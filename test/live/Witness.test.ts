/** A server with witnesses; what the command does with them is tried in `test/cli/witness`. */
import { existsSync } from "node:fs"
import { beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { by, witnessedLogs, type WitnessedLogs } from "../cli/witness/WitnessedLogs.ts"
import { freePort } from "../support/FreePort.ts"
import { openWitness } from "../support/Witness.ts"
import { serve } from "./support/ServeProcess.ts"

let logs: WitnessedLogs
let { newLog, grow, witnessed, cosign, back, logKey } = {} as WitnessedLogs

beforeAll(async () => {
  logs = await witnessedLogs()
  ;({ newLog, grow, witnessed, cosign, back, logKey } = logs)
  return () => logs[Symbol.dispose]()
})

describe("a log that was put back", () => {
  it("is not served where witnesses are demanded, until it is accepted; then everything opened in it has ended", async () => {
    const [log, witness] = [newLog(), await witnessed("w.example")]
    const restore = await back(log)
    await grow(log)
    await cosign(log, witness)
    restore()
    const flags = [
      "--port",
      "0",
      "--issuer",
      `http://${logKey.split("+")[0]!}`,
      ...by(witness),
      "--witness-quorum",
      "1",
    ]
    await expect(serve(log.file, ...flags)).rejects.toThrow(
      "it was cut or restored; to serve it as it is, and to end every grant",
    )
    await using served = await serve(log.file, ...flags, "--accept-rollback")
    await expect.poll(served.complaints).toContain("every grant that was opened in the old copy has ended")
    expect(await served.stop()).toBe(0)
    expect(existsSync(`${log.file}.checkpoint-key.json`)).toBe(true)
    expect((await log.run("checkpoint")).stdout).not.toContain(logKey)
  })
})

describe("a server that has witnesses", () => {
  it("has them cosign while it serves, and starts without one that it does not demand", async () => {
    const [log, witness] = [newLog(), await witnessed("w.example")]
    const issuer = ["--issuer", `http://${logKey.split("+")[0]!}`]
    const down = `http://127.0.0.1:${await freePort()}`
    const [, urls, ...keys] = by(witness)
    await using served = await serve(log.file, ...issuer, "--witness", `${urls} ${down}`, ...keys)
    await expect.poll(() => existsSync(`${log.file}.checkpoint.witnessed`)).toBe(true)
    await expect
      .poll(served.complaints)
      .toBe(`grantlog: no cosignature: \`${down}\` cannot be reached (ECONNREFUSED)\n`)
    expect(await served.stop()).toBe(0)
  })

  it("does not start where too few cosign, and says which log they have to know", async () => {
    const [log, witness] = [newLog(), await openWitness("w.example")]
    onTestFinished(() => witness[Symbol.asyncDispose]())
    const issuer = ["--issuer", `http://${logKey.split("+")[0]!}`]
    await expect(serve(log.file, ...issuer, ...by(witness), "--witness-quorum", "1")).rejects.toThrow(
      `with the verifier key ${logKey}; leave out --witness-quorum to serve without them`,
    )
  })
})
