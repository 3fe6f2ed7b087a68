/** Retry secrets in a file beside the database: in none of its copies, and in no byte of any file once they ended. */
import { copyFileSync, existsSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { openBetterSqlite3, openNodeSqlite, type OpenSqlite } from "../../src/log/index.ts"
import { hooked, openOn, temporaryFile, type Hook } from "./Connections.ts"
import { secretOf } from "./RetrySecretRules.ts"
import type { TestStore } from "./Samples.ts"

const run = Effect.runPromise

const opened = (file: string, open: OpenSqlite): TestStore => {
  const { log } = openOn(file, open)
  onTestFinished(() => run(log.close))
  return log
}

/** Which of the texts stand in a file of the folder whose name passes. */
const found = (file: string, texts: ReadonlyArray<string>, isMeant = (_name: string) => true) => {
  const names = readdirSync(dirname(file)).filter(isMeant)
  const bytes = Buffer.concat(names.map((name) => readFileSync(join(dirname(file), name))))
  return texts.filter((text) => bytes.includes(text))
}

describe.each([
  ["node:sqlite", openNodeSqlite],
  ["better-sqlite3", openBetterSqlite3],
])("over %s", (_, open) => {
  it("the file is its owner's alone, and is not made by reading", async () => {
    const file = temporaryFile()
    const { retrySecrets } = opened(file, open)
    await run(Effect.andThen(retrySecrets.find(1), retrySecrets.destroy(1)))
    expect(existsSync(`${file}.retry-secrets`)).toBe(false)
    await run(retrySecrets.keep(secretOf(1), 0))
    expect(statSync(`${file}.retry-secrets`).mode & 0o777).toBe(0o600)
  })

  it("none is in the database or its journal; once it ended, no byte of it is in any file", async () => {
    const file = temporaryFile()
    const { retrySecrets } = opened(file, open)
    const secrets = Array.from({ length: 400 }, (_, index) => {
      const secret = Buffer.from(`${index * 7919}`.padStart(24, "0"))
        .toString("base64url")
        .padEnd(43, "_")
      // Windows of two lengths, so that they do not end in the order they came in.
      return secretOf(index, { secret, kind: index % 3 === 0 ? "a" : "b", endsAt: index * 40 + (index % 3) * 4000 })
    })
    for (const one of secrets) await run(retrySecrets.keep(one, one.period * 40 - 5000))
    const tails = (now: number, isEnded: boolean) =>
      secrets.filter(({ endsAt }) => endsAt <= now === isEnded).map(({ secret }) => secret.slice(8, 40))
    await run(retrySecrets.destroy(12_000))
    expect(found(file, tails(12_000, false)).length).toBeGreaterThan(150)
    expect(found(file, tails(12_000, true))).toEqual([])
    expect(found(file, tails(12_000, false), (name) => !name.includes("retry-secrets"))).toEqual([])
    await run(retrySecrets.destroy(1_000_000))
    expect(found(file, tails(1_000_000, true))).toEqual([])
    expect(existsSync(`${file}.retry-secrets-journal`)).toBe(false)
  })

  it("several connections share the secret of a period, and what one destroys is gone for all", async () => {
    const file = temporaryFile()
    const [first, second] = [opened(file, open), opened(file, open)]
    expect(await run(second.retrySecrets.find(1))).toEqual([])
    await run(first.retrySecrets.keep(secretOf(1), 0))
    expect(await run(second.retrySecrets.keep(secretOf(1, { secret: "late" }), 0))).toBe(secretOf(1).secret)
    await run(second.retrySecrets.destroy(10))
    expect(await run(first.retrySecrets.find(1))).toEqual([])
    // What is not durable any more is nothing to make a salt of.
    const anew = secretOf(1, { secret: "anew".padEnd(43, "_") })
    expect(await run(first.retrySecrets.keep(anew, 0))).toBe(anew.secret)
    expect(await run(second.retrySecrets.find(1))).toEqual([anew.secret])
  })

  it("what was kept is there after it is opened again", async () => {
    const file = temporaryFile()
    const first = opened(file, open)
    await run(first.retrySecrets.keep(secretOf(1), 0))
    await run(first.close)
    expect(await run(opened(file, open).retrySecrets.find(1))).toEqual([secretOf(1).secret])
  })

  it("one that waits for another writer waits without blocking", async () => {
    const file = temporaryFile()
    const { retrySecrets } = opened(file, open)
    await run(retrySecrets.keep(secretOf(1), 0))
    const other = open(`${file}.retry-secrets`)
    onTestFinished(other.close)
    other.exec("BEGIN IMMEDIATE")
    const kept = run(retrySecrets.keep(secretOf(2), 0))
    for (let turn = 0; turn < 20; turn++) await new Promise(setImmediate)
    other.exec("COMMIT")
    expect(await kept).toBe(secretOf(2).secret)
  })

  it.each([
    ["removed", (path: string) => rmSync(path)],
    [
      "replaced by a copy of another store's",
      (path: string) => {
        rmSync(path)
        copyFileSync(`${path}.other`, path)
      },
    ],
  ])(
    "a file that was %s under a log that is open is lost, and the next secret is kept in a new one",
    async (_, change) => {
      const file = temporaryFile()
      const other = opened(`${file}.source`, open)
      await run(other.retrySecrets.keep(secretOf(9), 0))
      copyFileSync(`${file}.source.retry-secrets`, `${file}.retry-secrets.other`)
      const { retrySecrets } = opened(file, open)
      await run(retrySecrets.keep(secretOf(1), 0))
      change(`${file}.retry-secrets`)
      expect(await run(retrySecrets.find(1))).toEqual([])
      await run(retrySecrets.keep(secretOf(2), 0))
      expect(await run(opened(file, open).retrySecrets.find(2))).toEqual([secretOf(2).secret])
    },
  )

  it.each([
    ["is no database", "x".repeat(10_000)],
    ["is a database of something else", undefined],
  ])("a file that %s is refused with a sentence, and left as it was", async (_, text) => {
    const file = temporaryFile()
    const path = `${file}.retry-secrets`
    if (text !== undefined) writeFileSync(path, text)
    else {
      const driver = open(path)
      driver.exec("CREATE TABLE other (x)")
      driver.close()
    }
    const before = readFileSync(path)
    const { retrySecrets } = opened(file, open)
    const fault = await run(Effect.flip(retrySecrets.keep(secretOf(1), 0)))
    expect(fault.message).toBe(`the retry secrets \`${path}\` are damaged: remove the file, no session is lost with it`)
    expect(readFileSync(path)).toEqual(before)
    rmSync(path)
    expect(await run(retrySecrets.keep(secretOf(1), 0))).toBe(secretOf(1).secret)
  })

  it("one that cannot be destroyed now is told of, and destroyed as soon as it can be", async () => {
    const file = temporaryFile()
    let isBroken = false
    const hook: Hook = (sql, go) => {
      if (isBroken && sql.startsWith("DELETE FROM retry_secrets")) throw new Error("the disk is gone")
      return go()
    }
    const { retrySecrets } = opened(file, hooked(open, hook))
    await run(retrySecrets.keep(secretOf(1), 0))
    isBroken = true
    const faults: Array<string> = []
    let now = 10
    const { promise: slept, resolve } = Promise.withResolvers<number>()
    const { promise: woken, resolve: wake } = Promise.withResolvers<void>()
    const sleep = (millis: number) => Effect.promise(() => (resolve(millis), woken))
    await run(retrySecrets.watch({ now: () => now, sleep, onFault: ({ message }) => faults.push(message) }))
    expect(await slept).toBe(1000)
    expect(faults).toHaveLength(1)
    expect(await run(retrySecrets.find(1))).toHaveLength(1)
    isBroken = false
    now += 1000
    wake()
    await expect.poll(() => run(retrySecrets.find(1))).toEqual([])
    expect(faults).toHaveLength(1)
    expect(found(file, [secretOf(1).secret], (name) => name.startsWith(basename(file)))).toEqual([])
  })
})
