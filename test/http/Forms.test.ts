/** What makes a posted form one that this server showed, to this browser, in this session, not long ago. */
import { Effect, Result } from "effect"
import { describe, expect, test } from "vitest"
import { browserOf } from "../../src/http/Browser.ts"
import { FIELD, formsOf } from "../../src/http/Forms.ts"
import { strings } from "../../src/http/pages/Strings.ts"
import type { WireRequest } from "../../src/http/index.ts"
import { ISSUER, serverOver } from "../support/TestServer.ts"

const run = Effect.runPromise
const [HERE, THERE] = ["A".repeat(43), "B".repeat(43)]
const CONTENT = { what: "it stands for" }
const HOUR_SECONDS = 3600

const start = async () => {
  const { native, clock } = await serverOver()
  const browser = browserOf(ISSUER)
  const forms = formsOf(native, browser)
  const request = (cookie: string, headers: Record<string, string> = {}): WireRequest => ({
    method: "POST",
    path: "/account",
    query: "",
    headers: { host: "localhost:4000", origin: ISSUER, cookie: `grantlog-browser-4000=${cookie}`, ...headers },
    body: "",
    source: "",
  })
  const to = { browser: browser.identify(request(HERE)).browser, session: "session" }
  const sealed = await run(forms.issue("account", to, CONTENT))
  const receive = (
    kind = "account",
    session: string | null = "session",
    from = request(HERE),
    body: string = `${FIELD}=${sealed}&action=x`,
  ) => run(forms.receive(kind, { ...from, body }, session))
  return { native, clock, forms, request, to, sealed, receive }
}

const contentOf = (received: Result.Result<{ readonly content: unknown }, string>) =>
  Result.isSuccess(received) ? received.success.content : received.failure

describe("a form is what was shown", () => {
  test("when kind, browser and session are those it was shown for, with its fields", async () => {
    const { receive, clock } = await start()
    clock.pass(1)
    const received = await receive()
    expect(contentOf(received)).toEqual(CONTENT)
    expect(Result.getOrThrow(received).fields.get("action")).toBe("x")
  })

  test("and nothing in another kind of form, another browser, another session, or without one", async () => {
    const { receive, request } = await start()
    expect(contentOf(await receive("consent"))).toBe(strings.form.stale)
    expect(contentOf(await receive("account", "another"))).toBe(strings.form.stale)
    expect(contentOf(await receive("account", null))).toBe(strings.form.stale)
    expect(contentOf(await receive("account", "session", request(THERE)))).toBe(strings.form.stale)
    expect(contentOf(await receive("account", "session", request("")))).toBe(strings.form.stale)
  })

  test("for an hour and not a moment longer, opened by itself or received", async () => {
    const { receive, clock, forms, request, sealed } = await start()
    const opened = async () =>
      contentOf(
        Result.map(await run(forms.open("account", sealed, request(HERE), "session")), (content) => ({ content })),
      )
    clock.pass(HOUR_SECONDS - 0.001)
    expect(contentOf(await receive())).toEqual(CONTENT)
    expect(await opened()).toEqual(CONTENT)
    clock.pass(0.001)
    expect(contentOf(await receive())).toBe(strings.form.stale)
    expect(await opened()).toBe(strings.form.stale)
  })

  test("when it is opened by itself, for the same kind, browser and session only", async () => {
    const { forms, request, sealed } = await start()
    const opened = async (kind: string, from: WireRequest, session: string | null) =>
      Result.isSuccess(await run(forms.open(kind, sealed, from, session)))
    expect(await opened("account", request(HERE), "session")).toBe(true)
    expect(await opened("upstream login", request(HERE), "session")).toBe(false)
    expect(await opened("account", request(THERE), "session")).toBe(false)
    expect(await opened("account", request(HERE), null)).toBe(false)
  })

  test("and too early in its first second", async () => {
    const { receive, clock } = await start()
    const isTooEarly = async () => Result.getOrThrow(await receive()).isTooEarly
    clock.pass(0.999)
    expect(await isTooEarly()).toBe(true)
    clock.pass(0.001)
    expect(await isTooEarly()).toBe(false)
  })

  test("and nothing when what is sealed was sealed for something else, was changed, or is not there", async () => {
    const { native, receive, request, to, sealed } = await start()
    const envelope = { kind: "account", ...to, since: native.now(), content: CONTENT }
    const from = request(HERE)
    const foreign = await native.carried.encrypt("authorization request", envelope)
    const own = await native.carried.encrypt("form", envelope)
    const bodies = [foreign, `${own}x`, own.slice(0, -2), "", "x.y.z"].map((value) => `${FIELD}=${value}`)
    for (const body of [...bodies, "", `${FIELD}=${own}&${FIELD}=${own}`, `other=${sealed}`]) {
      expect(contentOf(await receive("account", "session", from, body))).toBe(strings.form.stale)
    }
    expect(contentOf(await receive("account", "session", from, `${FIELD}=${own}`))).toEqual(CONTENT)
  })

  test("when a page of ours posted it: under our name, from our origin", async () => {
    const { receive, request } = await start()
    const isTaken = async (headers: Record<string, string>) =>
      contentOf(await receive("account", "session", request(HERE, headers)))
    expect(await isTaken({ host: "evil.example" })).toBe(strings.form.foreign)
    expect(await isTaken({ origin: "http://localhost:4001" })).toBe(strings.form.foreign)
    expect(await isTaken({ origin: "null" })).toBe(strings.form.foreign)
    expect(await isTaken({ origin: "null", "sec-fetch-site": "same-origin" })).toEqual(CONTENT)
    for (const site of ["same-site", "cross-site", "none", ""]) {
      expect(await isTaken({ "sec-fetch-site": site })).toBe(strings.form.foreign)
    }
  })
})
