/** Logs with a key and entries, copies of one, and witnesses that know them; asked by the command in this process. */
import { copyFileSync, existsSync, rmSync } from "node:fs"
import { DatabaseSync, backup } from "node:sqlite"
import { onTestFinished } from "vitest"
import { temporaryFolder } from "../../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../../live/support/InProcess.ts"
import { openWitness, type TestWitness, type WitnessAlgorithm } from "../../support/Witness.ts"
import { serveHere } from "../ServeHere.ts"

export interface Cosigned {
  readonly size: number
  readonly checkpoint: string
  readonly verifierKey: string
  readonly witnessedBy: ReadonlyArray<{ readonly name: string; readonly at: number }>
  readonly refusals: ReadonlyArray<{ readonly reason: string; readonly message: string }>
}

export const by = (...witnesses: ReadonlyArray<TestWitness>) => [
  "--witness",
  witnesses.map(({ url }) => url).join(" "),
  "--witness-key",
  witnesses.map(({ vkey }) => vkey).join(" "),
]
export const keysOf = (...witnesses: ReadonlyArray<TestWitness>) => by(...witnesses).slice(2)

/** The copies of one log; its folder is gone when that is disposed of. */
export const witnessedLogs = async () => {
  const folder = temporaryFolder()
  const original = folder.at("original.db")
  let count = 0
  await (await serveHere(original))[Symbol.asyncDispose]()
  const database = new DatabaseSync(original)
  database.exec("PRAGMA wal_checkpoint(TRUNCATE)")
  database.close()
  const signed = await grantlogJsonHere<Cosigned>(["checkpoint", "--store", `sqlite:${original}`])
  const logKey = signed.verifierKey

  /** A log with a key and some entries: a copy of one, with what lies beside it. */
  const newLog = () => {
    const file = folder.at(`log-${++count}.db`)
    for (const suffix of ["", ".keys.json", ".checkpoint", ".checkpoint-key.json"])
      copyFileSync(original + suffix, file + suffix)
    const store = ["--store", `sqlite:${file}`]
    return { file, store, run: (...args: ReadonlyArray<string>) => grantlogHere([...args, ...store]) }
  }
  type Log = ReturnType<typeof newLog>

  const grow = async ({ store }: Log): Promise<void> => {
    await grantlogJsonHere(["client", "add", "--name", "App", "--redirect-uri", "http://127.0.0.1/", ...store])
  }

  const witnessed = async (name: string, algorithm?: WitnessAlgorithm): Promise<TestWitness> => {
    const witness = await openWitness(name, algorithm)
    onTestFinished(() => witness[Symbol.asyncDispose]())
    witness.trust(logKey)
    return witness
  }

  const cosign = ({ store }: Log, ...witnesses: ReadonlyArray<TestWitness>) =>
    grantlogJsonHere<Cosigned>(["checkpoint", ...store, ...by(...witnesses)])

  /** Has the log as it is now put back later, with what lies beside it. */
  const back = async (log: Log) => {
    const old = `${log.file}.old`
    const database = new DatabaseSync(log.file)
    await backup(database, old)
    database.close()
    const beside = [".checkpoint", ".checkpoint.witnessed"].filter((suffix) => existsSync(log.file + suffix))
    for (const suffix of beside) copyFileSync(log.file + suffix, old + suffix)
    return () => {
      for (const suffix of ["-wal", "-shm", ".checkpoint", ".checkpoint.witnessed"])
        rmSync(log.file + suffix, { force: true })
      for (const suffix of ["", ...beside]) copyFileSync(old + suffix, log.file + suffix)
    }
  }

  return { folder, logKey, newLog, grow, witnessed, cosign, back, [Symbol.dispose]: folder[Symbol.dispose] }
}

export type WitnessedLogs = Awaited<ReturnType<typeof witnessedLogs>>
