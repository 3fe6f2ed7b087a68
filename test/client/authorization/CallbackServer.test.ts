/** The local server that the browser comes back to: one answer, for one login, and nothing for anybody else. */
import { randomInt } from "node:crypto"
import { once } from "node:events"
import { request } from "node:http"
import { connect } from "node:net"
import { PassThrough } from "node:stream"
import { setImmediate as soon } from "node:timers/promises"
import { expect, onTestFinished, test, vi } from "vitest"
import { startCallback, type CallbackOptions } from "../../../src/client/authorization/CallbackServer.ts"
import { pastedAnswer } from "../../../src/client/authorization/PastedAnswer.ts"

const STATE = "the-state-of-this-login"

const usual: CallbackOptions = { host: "127.0.0.1", timeoutMillis: 600_000, clientName: "Tester" }

const start = async (more: Partial<CallbackOptions> = {}) => {
  const callback = await startCallback({ ...usual, ...more })
  onTestFinished(() => callback.close())
  const answer = callback.answerTo(STATE)
  answer.catch(() => undefined)
  return { ...callback, answer }
}

/** The code that came, of one sent to an address and then one to another. Whoever listens at the first is somebody else. */
const firstCode = async (answer: Promise<URLSearchParams>, first: string, second: string) => {
  const send = (to: string, code: string) => fetch(`${to}?state=${STATE}&code=${code}`).catch(() => undefined)
  await Promise.race([answer, send(first, "first")])
  void send(second, "second")
  return (await answer).get("code")
}

/** A free port that no system gives to anybody by itself: nobody takes it meanwhile. */
const freePort = async (): Promise<number> => {
  const port = randomInt(20_000, 32_000)
  const callback = await startCallback({ ...usual, port }).catch(() => undefined)
  await callback?.close()
  return callback === undefined ? freePort() : port
}

test("it listens on 127.0.0.1 alone, on a port that was free", async () => {
  const { redirectUri, answer, close } = await start()
  expect(redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  expect(await firstCode(answer, redirectUri.replace("127.0.0.1", "[::1]"), redirectUri)).toBe("second")
  await close()
})

/** `fetch` takes no such liberties. */
const send = (url: string, method: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    request({ hostname, port, method, path, headers: { connection: "keep-alive" } }, (response) => {
      const { "content-type": type, "cache-control": cache, connection } = response.headers
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      response.on("end", () => resolve(JSON.stringify([response.statusCode, type, cache, connection, text])))
    })
      .on("error", reject)
      .end()
  })

test("everybody but the answer gets the same bytes, and the login goes on", async () => {
  const { redirectUri, answer, close } = await start()
  const good = `state=${STATE}&code=c`
  const attempts = [
    ["GET", "/"],
    ["GET", "/callback"],
    ["GET", "/callback?code=c"],
    ["GET", "/callback?code=c&state="],
    ["GET", `/callback?code=c&state=${STATE}x`],
    ["GET", `/callback?code=c&state=${STATE.toUpperCase()}`],
    ["GET", `/callback?${good}&state=${STATE}`],
    ["GET", `/callback/?${good}`],
    ["GET", `/other?${good}`],
    ["GET", `//callback?${good}`],
    ["GET", "//"],
    ["POST", `/callback?${good}`],
    ["PUT", `/callback?${good}`],
    ["OPTIONS", `/callback?${good}`],
  ] as const
  const answers = new Set<string>()
  for (const [method, path] of attempts) answers.add(await send(redirectUri, method, path))
  expect([...answers]).toEqual([JSON.stringify([404, "text/plain; charset=utf-8", "no-store", "close", "not found\n"])])
  const page = fetch(`${redirectUri}?${good}`)
  expect(Object.fromEntries(await answer)).toEqual({ state: STATE, code: "c" })
  await close({ isLoggedIn: true })
  expect((await page).status).toBe(200)
})

test("a second answer is nobody's, even before the first one is done with", async () => {
  const { redirectUri, answer, close } = await start()
  const first = fetch(`${redirectUri}?state=${STATE}&code=first`)
  expect((await answer).get("code")).toBe("first")
  expect((await fetch(`${redirectUri}?state=${STATE}&code=second`)).status).toBe(404)
  await close({ isLoggedIn: true })
  expect(await (await first).text()).toContain("Logged in")
})

test("the page escapes what came from outside, runs nothing, and cannot be framed", async () => {
  const { redirectUri, answer, close } = await start({ clientName: `<img src=x onerror=alert(1)>` })
  const page = fetch(`${redirectUri}?state=${STATE}&error=x`)
  await answer
  await close({ isLoggedIn: false, why: `<script>alert("2")</script>` })
  const response = await page
  const text = await response.text()
  expect(response.status).toBe(400)
  expect(text).not.toMatch(/<img|<script/)
  expect(text).toContain("&lt;script&gt;")
  expect(text).toMatch(/<html lang="en">[^]*<main>[^]*<h1>[^]*role="alert"/)
  const policy = response.headers.get("content-security-policy")!
  expect(policy).toContain("default-src 'none'")
  expect(policy).toContain("frame-ancestors 'none'")
  expect(response.headers.get("cache-control")).toBe("no-store")
})

test("it ends by itself when nobody comes, and is gone when it is closed", async () => {
  const { redirectUri, answer, close } = await start({ timeoutMillis: 20 })
  await expect(answer).rejects.toMatchObject({ code: "timed_out" })
  await close()
  await expect(fetch(redirectUri)).rejects.toThrow()
})

const portOf = ({ redirectUri }: { readonly redirectUri: string }) => Number(new URL(redirectUri).port)

test("a given port that is taken is said, a preferred one that is taken is passed over", async () => {
  const port = portOf(await start())
  await expect(start({ port })).rejects.toMatchObject({
    code: "port_taken",
    message: `the callback server cannot listen on \`127.0.0.1:${port}\`: free the port, or leave out \`callbackPort\``,
    cause: { code: "EADDRINUSE" },
  })
  expect(portOf(await start({ preferredPort: port }))).not.toBe(port)
})

test("a port that is free is taken, whether it is given or preferred", async () => {
  for (const which of ["port", "preferredPort"] as const) {
    const port = await freePort()
    expect(portOf(await start({ [which]: port }))).toBe(port)
  }
})

test("an address of IPv6 is listened on alone, too", async () => {
  const { redirectUri, answer, close } = await start({ host: "[::1]" })
  expect(redirectUri).toMatch(/^http:\/\/\[::1\]:\d+\/callback$/)
  expect(await firstCode(answer, redirectUri.replace("[::1]", "127.0.0.1"), redirectUri)).toBe("second")
  await close()
})

/** Timers that only the test moves; what Node's own servers wait for goes on. */
const byHand = () => {
  vi.useFakeTimers({ toFake: ["setTimeout", "clearTimeout"] })
  onTestFinished(() => void vi.useRealTimers())
}

test("who waited in vain is told for how long", async () => {
  byHand()
  const { answer } = await start({ timeoutMillis: 300_000 })
  vi.advanceTimersByTime(300_000)
  await expect(answer).rejects.toMatchObject({ message: "nobody logged in for 300 s: start again" })
})

test("a later login has all of its time, whatever an earlier one had left", async () => {
  byHand()
  const { redirectUri, answerTo, close } = await start({ timeoutMillis: 30_000 })
  vi.advanceTimersByTime(20_000)
  const later = answerTo("later")
  vi.advanceTimersByTime(20_000)
  const page = fetch(`${redirectUri}?state=later&code=c`)
  expect((await later).get("code")).toBe("c")
  await close({ isLoggedIn: true })
  expect((await page).status).toBe(200)
})

test("closed, it leaves nothing behind that would keep a process alive", async () => {
  byHand()
  const { close } = await start()
  await close()
  vi.advanceTimersByTime(1_000)
  expect(vi.getTimerCount()).toBe(0)
})

test("who waits when it is closed is told so, and a browser that waits is shown so", async () => {
  const { answer, close } = await start()
  await close()
  await expect(answer).rejects.toMatchObject({
    _tag: "CallbackError",
    code: "cancelled",
    message: "the login was given up before an answer came",
  })
  const other = await start()
  const page = fetch(`${other.redirectUri}?state=${STATE}&code=c`)
  await other.answer
  await other.close()
  expect((await page).status).toBe(400)
  expect(await (await page).text()).toContain("Tester did not get access: the login was given up.")
})

test("a browser that waits when the next login begins is told to go on there", async () => {
  const { redirectUri, answer, answerTo } = await start()
  const page = fetch(`${redirectUri}?state=${STATE}&code=c`)
  await answer
  answerTo("next").catch(() => undefined)
  expect((await page).status).toBe(400)
  expect(await (await page).text()).toContain("Tester did not get access: it has to ask again, in another window.")
})

const rawTo = async (redirectUri: string, text: string) => {
  const socket = connect(portOf({ redirectUri }), "127.0.0.1")
  socket.on("error", () => undefined)
  await once(socket, "connect")
  socket.write(text)
  return socket
}

test("a browser that is gone before it is told is not waited for", async () => {
  const { redirectUri, answer, close } = await start()
  const socket = await rawTo(redirectUri, `GET /callback?state=${STATE}&code=c HTTP/1.1\r\nHost: x\r\n\r\n`)
  await answer
  socket.destroy()
  await expect(close({ isLoggedIn: true })).resolves.toBeUndefined()
})

test("a connection that somebody just holds ends with it, a second later", async () => {
  byHand()
  const { redirectUri, close } = await start()
  const socket = await rawTo(redirectUri, "GET /callback HTTP/1.1\r\nHost: x\r\n")
  // By the time that this is answered, what came before it was read.
  expect((await fetch(redirectUri)).status).toBe(404)
  const ended = new Promise((resolve) => socket.once("close", resolve))
  await close()
  vi.advanceTimersByTime(1_000)
  await ended
  expect(socket.destroyed).toBe(true)
})

test("a pasted address counts if it answers this login, and anything else is answered with what to do", async () => {
  const input = new PassThrough()
  const said: Array<string> = []
  const { signal } = new AbortController()
  const answer = pastedAnswer({ input, say: (sentence) => said.push(sentence), state: STATE, signal })
  input.write("hello\n\n  \nhttp://127.0.0.1:1/callback?state=other&code=c\n")
  input.write(`\u00a0 http://127.0.0.1:1/callback?state=${STATE}&code=pasted \n`)
  expect(Object.fromEntries(await answer)).toEqual({ state: STATE, code: "pasted" })
  const again = "that is not the address of this login: paste all of it, from http to the end"
  expect(said).toEqual(["then, if the browser is on another machine, paste the address that it ends on:", again, again])
  // Whoever types on is not listened to any more.
  input.write("hello\n")
  await soon()
  expect([said.length, input.isPaused()]).toEqual([3, true])
})

test("of two logins that wait for one answer the later one gets it, and the earlier one is told", async () => {
  const callback = await startCallback({ host: "127.0.0.1", timeoutMillis: 30_000, clientName: "Tester" })
  onTestFinished(() => callback.close())
  const earlier = callback.answerTo("earlier")
  const later = callback.answerTo("later")
  await expect(earlier).rejects.toMatchObject({
    _tag: "CallbackError",
    code: "cancelled",
    message: "another login took the place of this one",
  })
  const page = fetch(`${callback.redirectUri}?state=later&code=c`)
  expect((await later).get("code")).toBe("c")
  await callback.close({ isLoggedIn: true })
  expect((await page).status).toBe(200)
})
