/**
 * Half a minute of abuse, or a whole one: sprayed registrations, wrong passwords, wrong secrets, slow bodies, from ever new addresses, and
 * passwords from two that never tire.
 *
 * Honest people and clients are served all the while, nobody is locked out, and memory does not follow the traffic.
 * Bounded: senders that wait for their answers, on loopback, until the time is over, and until there was abuse enough, for
 * which a machine that is busy with other things takes longer.
 */
import { readFileSync } from "node:fs"
import { connect } from "node:net"
import { setTimeout as pause } from "node:timers/promises"
import { expect, it } from "vitest"
import { isLong } from "../support/Breadth.ts"
import { newBrowser } from "../support/FrontDoor.ts"
import { basic, wireClient } from "../support/WireClient.ts"
import { grantlog } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { serve } from "./support/ServeProcess.ts"

const DURATION_MILLIS = isLong ? 60_000 : 30_000
const MAX_DURATION_MILLIS = 600_000
/** How many have to be refused for wrong secrets and passwords, and how often somebody has to sign in. */
const MIN_REFUSALS = 100
const MIN_SIGN_INS = DURATION_MILLIS / 20_000
const PASSWORD = "correct horse battery"
/** Senders of everything else, of each kind. */
const SPRAYER_COUNT = 4
/** Senders of passwords from two addresses, which no limit slows here: what keeps them in check is the line alone. */
const WORKER_COUNT = 96
const WORKERS_FROM = ["192.0.2.7", "198.18.0.7"]
/** How often the owner of a password has to try at most, and how often she signs in: her own limit is ten a minute. */
const MAX_TRIES = 3
const SIGN_IN_EVERY_MILLIS = 8000
/** What a collector may leave lying about between two looks. */
const SLACK = 1.25

const residentKib = (pid: number): number =>
  Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))![1])

//= A39
//= OAUTH21-2.4.1-bruteforce
it.skipIf(process.platform !== "linux")(
  "honest people and clients are served through abuse that does not end, and memory stays flat",
  { timeout: MAX_DURATION_MILLIS + 300_000 },
  async () => {
    using folder = temporaryFolder()
    const file = folder.at("grantlog.db")
    // The honest client refreshes as fast as it is answered, which no client does in earnest.
    const flags = ["--max-dynamic-clients", "200", "--token-rate", "off", "--login-rate", "1000000"]
    await using server = await serve(file, "--trusted-proxy", "127.0.0.1 ::1", ...flags)
    await grantlog(["user", "add", "bob", "--password-stdin", "--store", `sqlite:${file}`], { input: PASSWORD })
    const wire = wireClient(server.url)
    const app = await wire.newApp({ token_endpoint_auth_method: "client_secret_basic" })
    let { refresh } = await wire.login(app)

    const began = performance.now()
    const refusals = new Map<number, number>()
    let signInCount = 0
    const isEnough = () =>
      [401, 403].every((status) => (refusals.get(status) ?? 0) > MIN_REFUSALS) && signInCount > MIN_SIGN_INS
    const isOver = () => performance.now() - began >= (isEnough() ? DURATION_MILLIS : MAX_DURATION_MILLIS)
    let sent = 0
    const from = () => `198.51.${(++sent >> 8) & 255}.${sent & 255}`
    const spray = async (send: () => Promise<number>) => {
      while (!isOver()) {
        const status = await send()
        refusals.set(status, (refusals.get(status) ?? 0) + 1)
      }
    }
    const post = (path: string, type: string, body: string, headers: Record<string, string> = {}) =>
      fetch(server.url + path, {
        method: "POST",
        redirect: "manual",
        headers: { "content-type": type, "x-forwarded-for": from(), ...headers },
        body,
      }).then(async (response) => {
        await response.arrayBuffer()
        return response.status
      })
    const FORM = "application/x-www-form-urlencoded"
    const intruder = newBrowser(server.url)
    const loginPage = await intruder.get("/login")
    const guess = async (name: string, source: string) => {
      const fields = { form: intruder.hidden(loginPage)["form"]!, name, password: "wrong password" }
      return (await intruder.send("POST", "/login", fields, { "x-forwarded-for": source })).status
    }
    const workers = Array.from({ length: WORKER_COUNT }, (_, index) => {
      let count = 0
      return () => guess(`name-${index}-${count++}`, WORKERS_FROM[index % 2]!)
    })
    const sprays = [
      () => post("/register", "application/json", JSON.stringify({ redirect_uris: ["http://127.0.0.1/"] })),
      () => post("/token", FORM, "grant_type=refresh_token&refresh_token=x", basic(app.clientId, "x".repeat(43))),
      () => guess("bob", from()),
      () => slowBody(Number(new URL(server.url).port)),
    ]
    const attacks = [...workers, ...Array.from({ length: SPRAYER_COUNT }, () => sprays).flat()]

    /** Honest all along: a client that refreshes, and somebody who signs in, from an address of their own. */
    const failures: Array<string> = []
    const refreshes = async () => {
      while (!isOver()) {
        const answer = await wire.refresh(app, refresh)
        if (answer.status !== 200) failures.push(`refresh: ${answer.status} ${answer.text}`)
        else refresh = answer.body.refresh_token!
      }
    }
    const signsIn = async () => {
      for (; !isOver(); signInCount++) {
        const browser = newBrowser(server.url)
        const page = await browser.get("/login")
        const fields = { form: browser.hidden(page)["form"]!, name: "bob", password: PASSWORD }
        const statuses: Array<number> = []
        while (statuses.at(-1) !== 303 && statuses.length < MAX_TRIES) {
          statuses.push((await browser.send("POST", "/login", fields, { "x-forwarded-for": "203.0.113.5" })).status)
        }
        if (statuses.at(-1) !== 303) failures.push(`login: ${statuses.join(", ")}`)
        await pause(SIGN_IN_EVERY_MILLIS)
      }
    }
    const sizes: Array<number> = []
    const watch = async () => {
      while (!isOver()) {
        sizes.push(residentKib(server.pid))
        await pause(500)
      }
    }
    await Promise.all([...attacks.map(spray), refreshes(), signsIn(), watch()])

    expect(failures).toEqual([])
    expect([...refusals.keys()].filter((status) => status >= 500)).toEqual([])
    expect(refusals.get(401) ?? 0).toBeGreaterThan(MIN_REFUSALS)
    expect(refusals.get(403) ?? 0).toBeGreaterThan(MIN_REFUSALS)
    expect(signInCount).toBeGreaterThan(MIN_SIGN_INS)
    const peak = (part: ReadonlyArray<number>) => Math.max(...part)
    const third = Math.floor(sizes.length / 3)
    expect(peak(sizes.slice(-third))).toBeLessThan(SLACK * peak(sizes.slice(third, 2 * third)))
    expect((await wire.refresh(app, refresh)).status).toBe(200)
  },
)

/** A body that is announced and never comes: the server ends the connection, or the sender does after a second. */
const slowBody = (port: number): Promise<number> =>
  new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1")
    socket.on("error", () => resolve(408))
    socket.on("close", () => resolve(408))
    socket.setTimeout(1000, () => socket.destroy())
    socket.write("POST /token HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1000\r\n\r\ngrant")
  })
