/** What the console says, word by word: at its door, of what it cannot do, and with what it gives away. */
import { Effect } from "effect"
import { describe, expect, it } from "vitest"
import { openConsole } from "../../../src/cli/console/OpenConsole.ts"
import { consoleLine, consolePassword } from "../../../src/cli/console/Password.ts"
import type { WireReply } from "../../../src/http/index.ts"
import { StoreFault } from "../../../src/log/index.ts"
import { memoryStore } from "../../../src/provider/index.ts"
import { run } from "../../audit/Logins.ts"
import { ISSUER } from "../../support/TestServer.ts"
import { basic } from "../../support/WireClient.ts"
import { consoleUnderTest, PASSWORD, PUBLIC } from "./ConsoleUnderTest.ts"
import { bodyOf } from "./pages/Markup.ts"

/** The heading of a page, and the sentence of its alarm. */
const said = ({ status, body }: WireReply) => [
  status,
  /<h1>(.*)<\/h1>/.exec(body)?.[1],
  /<p role="alert"[^>]*>(.*)<\/p>/.exec(body)?.[1]?.replaceAll("&#39;", "'"),
]

describe("at its door the console", () => {
  it("says what was wrong with a password, and where it is served", async () => {
    const { signIn, get, send } = await consoleUnderTest({ loginsPerMinute: 2 })
    expect(said(await signIn(PASSWORD, { headers: { origin: "https://evil.example" } }))).toEqual([
      403,
      "Console",
      "This form was not sent from a page of this server.",
    ])
    expect(said(await get("/console", { headers: { host: "evil.example" } }))).toEqual([
      421,
      "grantlog console",
      `The console is served at ${PUBLIC} only.`,
    ])
    const wrong = [403, "Console", "That is not the password of this console."]
    expect(said(await signIn("not the password"))).toEqual(wrong)
    const empty = await send("POST", "/console/login")
    expect(said(empty)).toEqual(wrong)
    expect(empty.body).toContain(`<input type="hidden" name="to" value="/console">`)
    expect(said(await signIn())).toEqual([429, "Console", "That was tried too often. Wait a minute, and try again."])
    expect(said(await send("POST", "/console/login", "password=a&password=b")).slice(0, 2)).toEqual([400, "Console"])
  })

  it("knows an empty password for a wrong one, and a session by its own cookie", async () => {
    const { send, signIn, get } = await consoleUnderTest()
    expect((await send("POST", "/console/login", "to=%2Fconsole")).status).toBe(403)
    await signIn()
    expect((await get("/console", { headers: { cookie: "" } })).status).toBe(403)
  })

  it("asks by HTTP where cookies are no secret, with a page for who gives none", async () => {
    const { get } = await consoleUnderTest({ issuer: ISSUER, loginsPerMinute: 1 })
    const missing = "Your browser asks for the console's password. Give any user name with it."
    expect(said(await get("/console"))).toEqual([401, "Console", missing])
    expect(said(await get("/console", { headers: basic("a", "not the password") }))).toEqual([401, "Console", missing])
    expect(said(await get("/console", { headers: basic("a", PASSWORD) }))).toEqual([
      429,
      "Console",
      "That was tried too often. Wait a minute, and try again.",
    ])
  })

  it("leads on to the page that was asked for, if it is one of its own", async () => {
    const { get, signIn } = await consoleUnderTest()
    const asked = async (url: string) => /name="to" value="([^"]*)"/.exec((await get(url)).body)![1]
    expect(await asked("/console")).toBe("/console")
    expect(await asked("/console?about=app&at=3")).toBe("/console?about=app&amp;at=3")
    expect(await asked("/console/proof?position=3")).toBe("/console/proof?position=3")
    const led = async (to: string) => (await signIn(PASSWORD, {}, to)).headers["location"]!.slice(PUBLIC.length)
    expect(await led("/console/export?from=1")).toBe("/console/export?from=1")
    for (const to of ["/console?about=é", "/console?about= a", "/console?about=a\nb"]) {
      expect([to, await led(to)]).toEqual([to, "/console"])
    }
  })
})

describe("what cannot be answered", () => {
  it("is said in a sentence, and what may be a token is not looked up", async () => {
    const { signIn, get, stolen } = await consoleUnderTest()
    await signIn()
    expect(said(await get(`/console?about=${stolen.access_token}`))).toEqual([
      400,
      "A token was sent",
      "What was looked for has the form of a token, and has been sent to this server in an address. It was not looked up, and is not repeated here. Revoke it, and look up its SHA-256 instead.",
    ])
    expect(said(await get(`/console?about=${"x".repeat(2049)}`))).toEqual([
      400,
      "That cannot be looked up",
      "An id has at most 2048 characters.",
    ])
    expect((await get(`/console?about=${"x".repeat(2048)}`)).status).toBe(404)
    for (const url of ["/console?about=", "/console?about=+", "/console"]) {
      expect((await get(url)).body).toContain("<h1>What happened?</h1>")
    }
    expect(said(await get("/console/proof?position=3x"))).toEqual([
      404,
      "Nothing to download",
      "A position is a number from 0 on.",
    ])
  })

  it("because the log cannot be read is told to the operator, and to nobody else", async () => {
    const faults: Array<string> = []
    const { signIn, get, store } = await consoleUnderTest({ onFault: (sentence) => faults.push(sentence) })
    await signIn()
    const message = "the disk is gone"
    Object.assign(store, { readTree: () => Effect.fail(new StoreFault({ reason: "other", message })) })
    const reply = await get("/console")
    expect(said(reply)).toEqual([
      503,
      "grantlog console",
      "The log cannot be read at the moment. Try again in a little while.",
    ])
    expect(reply.body).not.toContain(message)
    expect(faults).toEqual([message])
    expect(said(await get("/console?about=a&about=b"))[0]).toBe(400)
    expect(faults).toHaveLength(1)
  })
})

describe("an answer", () => {
  it("takes the moment without the spaces around it, the events beside a position, and the grant that a token names", async () => {
    const { signIn, get, stolen } = await consoleUnderTest()
    await signIn()
    const about = `about=${stolen.grantId}`
    expect((await get(`/console?${about}&at=+6+`)).body).toContain("when the log had 7 entries")
    const shown = async (page: string) => {
      const { body } = await get(`/console?${about}&${page}`)
      return [...body.matchAll(/ aria-label="#(\d+), as of then"/g)].map(([, position]) => Number(position))
    }
    const all = await shown("")
    expect(all.length).toBeGreaterThan(5)
    const middle = all.toSorted((left, right) => left - right).find((one) => one > 9)!
    expect([all.some((one) => one < middle), all.some((one) => one > middle)]).toEqual([true, true])
    expect((await shown(`before=${middle}`)).toSorted()).toEqual(all.filter((one) => one < middle).toSorted())
    expect((await shown(`after=${middle}`)).toSorted()).toEqual(all.filter((one) => one > middle).toSorted())
    for (const bad of [`x${middle}`, `${middle}x`, "x", "1".repeat(16)]) {
      expect([bad, await shown(`before=${bad}`)]).toEqual([bad, all])
    }
    const unknown = `/console?about=${"x".repeat(43)}`
    expect((await get(`${unknown}&names=${stolen.grantId}`)).body).not.toBe((await get(unknown)).body)
  })
})

describe("what is given away", () => {
  it("is saved under its name, as what it is, and runs nothing", async () => {
    const { signIn, get, store } = await consoleUnderTest()
    await signIn()
    const { size } = await run(store.head)
    const policy = "default-src 'none'; frame-ancestors 'none'"
    const proof = await get("/console/proof?position=4")
    expect(proof.headers).toMatchObject({
      "content-type": "text/plain; charset=utf-8",
      "content-disposition": 'attachment; filename="4.tlog-proof"',
      "content-security-policy": policy,
    })
    const last = await get(`/console/export?from=${size - 1}`)
    expect(last.headers).toMatchObject({
      "content-type": "application/jsonl; charset=utf-8",
      "content-disposition": `attachment; filename="grantlog-${size - 1}-${size - 1}.jsonl"`,
      "content-security-policy": policy,
    })
    expect([last.status, last.body]).toEqual([200, ""])
    expect(said(await get(`/console/export?from=${size}`))).toEqual([
      404,
      "Nothing to download",
      `No checkpoint covers entry ${size} yet. One is signed every few seconds while the server runs.`,
    ])
    const script = await get("/console/hash.js")
    expect([script.status, script.headers["content-type"], script.headers["cache-control"]]).toEqual([
      200,
      "text/javascript; charset=utf-8",
      "no-store",
    ])
    expect(script.body).toContain(`crypto.subtle.digest("SHA-256"`)
  })
})

describe("the console that is opened beside a server", () => {
  it("has its pages over the log, and no checkpoints where none are kept", async () => {
    const location = {
      name: "memory:",
      file: undefined,
      database: undefined,
      keyFile: undefined,
      isKeyFileGiven: false,
    }
    const shown = Effect.gen(function* () {
      const endpoints = yield* openConsole(memoryStore(), {
        issuer: ISSUER,
        location,
        password: PASSWORD,
        kept: undefined,
      })
      const [, , home] = endpoints.find(([, path]) => path === "/console")!
      return yield* home({
        method: "GET",
        path: "/console",
        query: "",
        headers: { host: new URL(ISSUER).host, ...basic("a", PASSWORD) },
        body: "",
        source: "192.0.2.1",
      })
    })
    const { status, body } = await run(Effect.scoped(shown))
    expect(status).toBe(200)
    expect(await bodyOf(body, "header")).toContain("0 entries")
    expect(body).toContain("Nothing was recorded yet.")
  })

  it.each([
    ["https://id.example", undefined, "the password in GRANTLOG_CONSOLE_PASSWORD"],
    ["https://id.example", "made up", "the password made up (for this run)"],
    ["http://localhost:4000", undefined, "any user name and the password in GRANTLOG_CONSOLE_PASSWORD"],
    ["http://localhost:4000", "made up", "any user name and the password made up (for this run)"],
  ])("is said to be at %s, with what it asks for", (base, password, asked) => {
    expect(consoleLine(base, password)).toBe(`Console at ${base}/console, with ${asked}`)
  })

  it("takes 16 characters for enough, and makes a password up where the environment has none", async () => {
    const given = "sixteen letters!"
    expect(await run(consolePassword("https://id.example", given))).toEqual({ password: given, isNew: false })
    const before = process.env["GRANTLOG_CONSOLE_PASSWORD"]
    delete process.env["GRANTLOG_CONSOLE_PASSWORD"]
    try {
      expect(await run(consolePassword("http://localhost:4000"))).toMatchObject({ isNew: true })
    } finally {
      if (before !== undefined) process.env["GRANTLOG_CONSOLE_PASSWORD"] = before
    }
  })
})
