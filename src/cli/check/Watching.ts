/**
 * Running a check in a process of its own, and ending it: when it is done, when it stands still, when its time is up.
 *
 * What ended it is told in a sentence that names the call. The process and all that it started are one group, of which
 * nothing outlives the check. It knows nothing of providers.
 */
import { spawn, type ChildProcess } from "node:child_process"
import { closeSync, mkdtempSync, openSync, readSync, rmSync } from "node:fs"
import { tmpdir } from "node:os"
import { extname, join } from "node:path"
import { createInterface } from "node:readline"
import type { Readable } from "node:stream"
import { setTimeout } from "node:timers/promises"
import { fileURLToPath } from "node:url"
import { MESSAGES_FD, messageIn, RECORD_BYTES, standingIn, type Checked, type Job, type Standing } from "./Job.ts"
import { endedBy, overdue } from "./Unfinished.ts"

const TICK_MILLIS = 500
/** How long a process that has reported may take to end: somebody's own handlers tidy up. */
const TIDYING_MILLIS = 1000
const STANDARD_ERROR = 2

/** The source in a checkout, the build in a package. */
const CHILD = fileURLToPath(new URL(`./Child${extname(import.meta.url)}`, import.meta.url))

/** A file that two processes have open, and that has no name any more where that can be. */
const sharedRecord = () => {
  const folder = mkdtempSync(join(tmpdir(), "grantlog-check-"))
  const fd = openSync(join(folder, "standing"), "w+", 0o600)
  const buffer = Buffer.alloc(RECORD_BYTES)
  return {
    fd,
    read: (): Standing | undefined => standingIn(buffer.toString("utf8", 0, readSync(fd, buffer, 0, RECORD_BYTES, 0))),
    [Symbol.dispose]: () => {
      closeSync(fd)
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** Ends it with all that it started; what has ended already is left alone. */
const endGroup = (child: ChildProcess): void => {
  if (child.pid === undefined) return
  try {
    if (process.platform === "win32") child.kill("SIGKILL")
    else process.kill(-child.pid, "SIGKILL")
  } catch {
    // There is nothing left of the group.
  }
}

/** Rejects with a sentence where there is no report, and when `signal` says that none is wanted any more. */
export const watched = async (
  job: Job,
  { signal, onProgress }: { readonly signal: AbortSignal; readonly onProgress: (progress: string) => void },
): Promise<Checked> => {
  using record = sharedRecord()
  const { promise: outcome, resolve, reject } = Promise.withResolvers<Checked>()
  const fail = (sentence: string) => reject(new Error(sentence))
  const child = spawn(process.execPath, [...process.execArgv, CHILD, JSON.stringify(job)], {
    // In a group of its own it does not hear of Ctrl-C: whoever watches it does, and ends it.
    detached: process.platform !== "win32",
    stdio: ["ignore", STANDARD_ERROR, STANDARD_ERROR, "pipe", record.fd],
  })
  const exited = new Promise<void>((done) => child.once("exit", () => done()))
  const end = () => endGroup(child)
  process.once("exit", end)
  signal.addEventListener("abort", end)

  const messages = child.stdio[MESSAGES_FD] as Readable
  createInterface({ input: messages }).on("line", (line) => {
    const message = messageIn(line)
    if (message?._tag === "Progress") onProgress(message.progress)
    if (message?._tag === "Fault") fail(message.message)
    if (message?._tag === "Report") resolve(message.checked)
  })
  child.once("error", (cause) => fail(`no process can be started for the check: ${cause.message}`))
  let isSettled = false
  const gone = (code: number | null, endSignal: NodeJS.Signals | null) => {
    if (!isSettled) fail(endedBy(record.read(), code, endSignal))
  }
  // Whatever it said has been read when the pipe is closed, which somebody else may keep open.
  child.once("close", gone)
  child.once("exit", (...how) => void setTimeout(TIDYING_MILLIS, how, { ref: false }).then((ended) => gone(...ended)))

  const { budgetMillis } = job.options
  let millis = 0
  let stillMillis = 0
  let beat: number | undefined
  const look = () => {
    const standing = record.read()
    millis += TICK_MILLIS
    stillMillis = standing?.beat === beat ? stillMillis + TICK_MILLIS : 0
    beat = standing?.beat
    const sentence = overdue({ standing, stillMillis, millis }, budgetMillis)
    if (sentence !== undefined) fail(sentence)
  }
  const ticking = setInterval(look, TICK_MILLIS)
  try {
    const checked = await outcome
    await Promise.race([exited, setTimeout(TIDYING_MILLIS, undefined, { ref: false })])
    return checked
  } finally {
    isSettled = true
    clearInterval(ticking)
    end()
    // Nothing of it is waited for, whoever else holds the other end.
    messages.destroy()
    child.unref()
    process.off("exit", end)
    signal.removeEventListener("abort", end)
  }
}
