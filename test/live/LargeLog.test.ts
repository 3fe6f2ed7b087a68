/**
 * A server whose log has more than a hundred thousand entries that the console's index does not know yet, nearly all of
 * one grant: the operator's pages come at once, and nobody else waits for them. `npm run test:large` is the same
 * with a million, which takes longer to write.
 *
 * The times are those that were promised. A machine that is busy with other things may miss one by chance: what takes
 * long, or holds others, does so every time, so the best of many tries is judged, each time by itself, and they go on until
 * both are good.
 */
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Effect } from "effect"
import { expect, test, onTestFinished } from "vitest"
import { sqliteStore } from "../../src/provider/index.ts"
import { LONG_GRANT, lengthenLog, refreshDigest, SUBJECT } from "../support/LongLog.ts"
import { temporaryFolder } from "../support/TestServer.ts"
import { endOf, startGrantlog } from "./support/Command.ts"

const PASSWORD = "a password of the console"
const PAGE_MILLIS = 1000
const OTHERS_MILLIS = 100
const TRIES = 200
const GRANT_ENTRIES = 100_005
const OTHER_ENTRIES = Number(process.env["LARGE_LOG_ENTRIES"] ?? 20_000)
const MAX_MILLIS = 1_800_000

/** A server over this store until it is stopped or the test has finished. */
const serve = async (file: string, port: number) => {
  const args = ["serve", "--console", "--json", "--port", String(port), "--store", `sqlite:${file}`]
  const child = startGrantlog(args, { GRANTLOG_CONSOLE_PASSWORD: PASSWORD })
  const stop = async () => {
    child.kill("SIGTERM")
    await endOf(child)
  }
  onTestFinished(stop)
  child.stdin.end()
  const line = await new Promise<string>((resolve, reject) => {
    createInterface(child.stdout).once("line", resolve)
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)))
  })
  return { ...(JSON.parse(line) as { readonly issuer: string; readonly port: number }), stop }
}

/** A log as it was described, written while nobody serves it. */
const largeLog = async (file: string) => {
  const first = await serve(file, 0)
  const registered = await fetch(`${first.issuer}/register`, {
    method: "POST",
    headers: { "content-type": "application/json" },
    body: JSON.stringify({
      client_name: "app",
      redirect_uris: ["http://127.0.0.1:8123/callback"],
      token_endpoint_auth_method: "none",
    }),
  })
  const { client_id: clientId } = (await registered.json()) as { readonly client_id: string }
  await first.stop()
  const store = sqliteStore(file)
  const [begun] = await Effect.runPromise(store.readAll(0, 1))
  await Effect.runPromise(store.close)
  const keyId = begun?.event._tag === "IssuerInitialized" ? begun.event.keyId : ""
  const endMillis = Date.now()
  lengthenLog(file, { clientId, keyId, endMillis, grantEntryCount: GRANT_ENTRIES, otherEntryCount: OTHER_ENTRIES })
  return { port: first.port, clientId }
}

const timed = async <A>(body: () => Promise<A>): Promise<readonly [result: A, millis: number]> => {
  const started = performance.now()
  return [await body(), performance.now() - started]
}

test(
  `item 11: with ${OTHER_ENTRIES} entries behind the index, and of a grant of ${GRANT_ENTRIES}, a page of the console comes in a second while others are answered in ${OTHERS_MILLIS} ms`,
  async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const { port, clientId } = await largeLog(file)
    const { issuer } = await serve(file, port)
    const signedIn = await fetch(`${issuer}/console/login`, {
      method: "POST",
      body: new URLSearchParams({ password: PASSWORD, to: "/console" }),
      headers: { origin: issuer },
      redirect: "manual",
    })
    const headers = {
      cookie: signedIn.headers.getSetCookie()[0]?.split(";")[0] ?? "",
      authorization: `Basic ${btoa(`operator:${PASSWORD}`)}`,
    }

    /** Loads a page, and asks for somebody else until it is there; gives the page and both times. */
    const load = async (address: string) => {
      let isLoading = true
      const others = (async () => {
        let slowest = 0
        while (isLoading) {
          const [answer, millis] = await timed(async () => (await fetch(`${issuer}/healthz`)).status)
          expect(answer).toBe(200)
          slowest = Math.max(slowest, millis)
        }
        return slowest
      })()
      const [page, pageMillis] = await timed(async () => {
        const answer = await fetch(`${issuer}/console${address}`, { headers })
        return { status: answer.status, body: await answer.text() }
      })
      isLoading = false
      return { ...page, pageMillis, othersMillis: await others }
    }

    const pages: ReadonlyArray<readonly [address: string, says: string]> = [
      ["", "What happened?"],
      [`?about=${LONG_GRANT}`, "older events left out"],
      [`?about=${refreshDigest(49_500)}&names=${LONG_GRANT}`, "generations between left out"],
      [`?about=${refreshDigest(50_001)}&names=${LONG_GRANT}`, "live"],
      [`?about=${clientId}`, "Client"],
      [`?about=${SUBJECT}`, "Subject"],
    ]
    for (const [address, says] of pages) {
      const tries: Array<readonly [page: number, others: number]> = []
      const isGood = () =>
        tries.some(([page]) => page < PAGE_MILLIS) && tries.some(([, others]) => others < OTHERS_MILLIS)
      while (tries.length < TRIES && !isGood()) {
        const { status, body, pageMillis, othersMillis } = await load(address)
        expect(status, address).toBe(200)
        expect(body, address).toContain(says)
        tries.push([pageMillis, othersMillis])
      }
      expect(isGood(), `${address}: ${JSON.stringify(tries)}`).toBe(true)
    }
  },
  MAX_MILLIS,
)
