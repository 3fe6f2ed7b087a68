/** The local server that the browser comes back to: one answer, for one login, and nothing for anybody else. */
import { request } from "node:http"
import { PassThrough } from "node:stream"
import { expect, onTestFinished, test } from "vitest"
import { startCallback, type CallbackOptions } from "../../src/client/Callback.ts"
import { pastedAnswer } from "../../src/client/Paste.ts"

const STATE = "the-state-of-this-login"

const start = async (more: Partial<CallbackOptions> = {}) => {
  const callback = await startCallback({ host: "127.0.0.1", timeoutMillis: 30_000, clientName: "Tester", ...more })
  onTestFinished(() => callback.close())
  const answer = callback.answerTo(STATE)
  answer.catch(() => undefined)
  return { ...callback, answer }
}

test("it listens on 127.0.0.1 alone, on a port that was free", async () => {
  const { redirectUri } = await start()
  expect(redirectUri).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/callback$/)
  await expect(fetch(redirectUri.replace("127.0.0.1", "[::1]"))).rejects.toThrow()
})

/** `fetch` takes no such liberties. */
const send = (url: string, method: string, path: string): Promise<string> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(url)
    request({ hostname, port, method, path }, (response) => {
      const { "content-type": type, "cache-control": cache } = response.headers
      let text = ""
      response.setEncoding("utf8").on("data", (chunk: string) => (text += chunk))
      response.on("end", () => resolve(JSON.stringify([response.statusCode, type, cache, text])))
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
    ["POST", `/callback?${good}`],
    ["PUT", `/callback?${good}`],
    ["OPTIONS", `/callback?${good}`],
  ] as const
  const answers = new Set<string>()
  for (const [method, path] of attempts) answers.add(await send(redirectUri, method, path))
  expect([...answers]).toEqual([JSON.stringify([404, "text/plain; charset=utf-8", "no-store", "not found\n"])])
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

test("a given port that is taken is said, a preferred one that is taken is passed over", async () => {
  const port = Number(new URL((await start()).redirectUri).port)
  await expect(start({ port })).rejects.toMatchObject({ code: "port_taken" })
  const other = await start({ preferredPort: port })
  expect(Number(new URL(other.redirectUri).port)).not.toBe(port)
})

test("a pasted address counts if it answers this login, and anything else is answered with what to do", async () => {
  const input = new PassThrough()
  const said: Array<string> = []
  const { signal } = new AbortController()
  const answer = pastedAnswer({ input, say: (sentence) => said.push(sentence), state: STATE, signal })
  input.write("hello\n\nhttp://127.0.0.1:1/callback?state=other&code=c\n")
  input.write(`http://127.0.0.1:1/callback?state=${STATE}&code=pasted\n`)
  expect((await answer).get("code")).toBe("pasted")
  expect(said).toHaveLength(3)
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
