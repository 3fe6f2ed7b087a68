/** The rules of a store that cannot be written or read: 503 with a sentence, nothing half done, nothing decided twice. */
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import type { AppendOutcome } from "../../src/log/index.ts"
import { memoryStore, unavailable } from "../../src/provider/index.ts"
import { startSession } from "../support/Session.ts"
import { isPage, wireClient } from "../support/WireClient.ts"
import { overMemory, overSqlite, serve } from "../support/TestServer.ts"
import { ways } from "../support/ThroughPages.ts"
import type { ServerStore } from "../../src/provider/ServerStore.ts"

/** A log that can be told to answer appends by itself. */
const refusingLog = () => {
  const log = memoryStore()
  let outcome: AppendOutcome | undefined
  let appendCount = 0
  const store: ServerStore = {
    ...log,
    append: (append) =>
      Effect.suspend(() => {
        appendCount++
        return outcome === undefined ? log.append(append) : Effect.succeed(outcome)
      }),
  }
  return { store, count: () => appendCount, answer: (next: AppendOutcome | undefined) => (outcome = next) }
}

describe.each(ways)("$name", (way) => {
  test.each<AppendOutcome>([
    { _tag: "Rejected", reason: "full", message: "the disk is full, nothing was written: make room, then try again" },
    { _tag: "Unknown", message: "nobody knows whether this was written: look before doing it again" },
  ])(
    "an append that is $_tag is 503, asked once; its sentence is the operator's, and the client may come again",
    async (outcome) => {
      const { store, count, answer } = refusingLog()
      const told: Array<string> = []
      const endpoints = { onUnavailable: (sentence: string) => told.push(sentence) }
      const { wire, app } = await startSession(way, { store, endpoints })
      const approval = await wire.approved(app)
      const { refresh } = await wire.login(app)
      answer(outcome)
      const before = count()
      for (const refused of [
        await wire.redeem(app, approval),
        await wire.refresh(app, refresh),
        await wire.authorize(app),
      ]) {
        expect(refused.status).toBe(503)
        if (isPage(refused)) expect(refused.text).toContain("Try again in a little while")
        else {
          expect(refused.body).toEqual({
            error: "temporarily_unavailable",
            error_description: "the server cannot answer this now; try again later",
          })
        }
        expect(refused.headers.get("retry-after")).toBe("1")
      }
      expect(count()).toBe(before + 3)
      expect(told).toEqual(Array.from({ length: 3 }, () => ("message" in outcome ? outcome.message : "")))
      answer(undefined)
      expect((await wire.refresh(app, refresh)).status).toBe(200)
      expect((await wire.redeem(app, approval)).status).toBe(200)
    },
  )

  test("conflicts without end are 503, after a bounded number of tries", async () => {
    const { store, count, answer } = refusingLog()
    const { wire, app } = await startSession(way, { store })
    const { refresh } = await wire.login(app)
    answer({ _tag: "WrongExpectedVersion", actual: 99 })
    const before = count()
    const refused = await wire.refresh(app, refresh)
    expect(refused).toMatchObject({ status: 503, body: { error: "temporarily_unavailable" } })
    expect(count() - before).toBeLessThanOrEqual(64)
  })
})

test.each([...ways, overSqlite])("a store that is closed is 503 wherever it is needed, $name", async (factory) => {
  const { wire, app, watcher, store } = await startSession(factory)
  const { access, refresh } = await wire.login(app)
  await Effect.runPromise(store.close)
  for (const answer of [
    await wire.refresh(app, refresh),
    await wire.revoke(app, refresh),
    await wire.introspect(watcher, access),
    await wire.authorize(app),
    await wire.register({ redirect_uris: ["http://127.0.0.1/"] }),
  ]) {
    expect(answer.status).toBe(503)
    expect(answer.text).toMatch(isPage(answer) ? /Try again/ : /"temporarily_unavailable"/)
    expect(answer.text).not.toMatch(/active|token":/)
  }
  const { status, body } = await wire.get("/healthz")
  expect([status, body]).toEqual([503, { status: "the store cannot be read" }])
  expect((await wire.get("/.well-known/oauth-authorization-server")).status).toBe(200)
})

test("a store that cannot be read says so at /authorize, before anybody is sent anywhere, and nothing of it to the client", async () => {
  const told: Array<string> = []
  const { wire, app, native } = await startSession(overMemory, { isAutoApproving: false })
  const message = "the disk is gone"
  const failing = { ...native, preview: () => Effect.fail(unavailable(message, 1)) }
  const url = await serve(failing, { endpoints: { onUnavailable: (sentence) => told.push(sentence) } })
  const { status, headers, text } = await wireClient(url).authorize(app)
  expect([status, headers.get("retry-after"), headers.has("location")]).toEqual([503, "1", false])
  expect(text).not.toContain(message)
  expect(told).toEqual([message])
  expect((await wire.authorize(app)).status).toBe(421)
})

test("where the health of the server is asked for, the operator is told why the store cannot be read", async () => {
  const told: Array<unknown> = []
  const { native } = await startSession(overMemory)
  const failing = { ...native, findClient: () => Effect.fail(unavailable("the disk is gone", 1, "a cause")) }
  const url = await serve(failing, { endpoints: { onUnavailable: (...said) => told.push(said) } })
  const { status, text } = await wireClient(url).get("/healthz")
  expect([status, text]).toEqual([503, '{"status":"the store cannot be read"}'])
  expect(told).toEqual([["the disk is gone", "a cause"]])
})
