/** A promise about every input there is at the door: a page comes, and it is never a 500. */
import { Effect } from "effect"
import fc from "fast-check"
import { expect, test } from "vitest"
import { createHandler, makeEndpoints } from "../../src/http/index.ts"
import { PASSWORD, authorizeUrl, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { formOf, wireClient } from "../support/WireClient.ts"

const RUNS = 150
const SEED = 20_261_121

const start = async () => {
  const door = await startFrontDoor()
  const { clientId } = await wireClient(door.issuer).newApp()
  const browser = newBrowser(door.issuer)
  const login = await browser.get("/login")
  await browser.signIn(login)
  const consent = await browser.follow(await browser.get(authorizeUrl(clientId)))
  const account = await browser.get("/account")
  const forms = { "/login": login, "/consent": consent, "/account": account }
  const formAt = (path: keyof typeof forms) => browser.hidden(forms[path])["form"]!
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join("; ")
  const headers = { host: new URL(door.issuer).host, cookie, origin: door.issuer }
  const defects: Array<unknown> = []
  const endpoints = makeEndpoints(door.native, { onDefect: (defect) => defects.push(defect) })
  const statusOf = async (method: string, path: string, query: string, body = "") => {
    const { status } = await Effect.runPromise(
      endpoints({ method, path, query, headers, body, source: "192.0.2.1" }, "test"),
    )
    expect(defects).toEqual([])
    return status
  }
  return { ...door, formAt, statusOf }
}

const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.string({ unit: "grapheme", maxLength: 3000 }))
const field = fc.constantFrom(
  ..."decision action grant session name password new-password repeat-password form x".split(" "),
)
const word = fc.constantFrom(
  ..."allow deny switch revoke revoke-all end-session password constructor __proto__ 0000000000000000000000".split(" "),
)

test("a form that was shown is answered, whatever stands in its fields", async () => {
  const { formAt, statusOf } = await start()
  await fc.assert(
    fc.asyncProperty(
      fc.constantFrom("/login" as const, "/consent" as const, "/account" as const),
      fc.option(word, { nil: undefined }),
      fc.dictionary(field, fc.oneof(text, word)),
      async (path, chosen, others) => {
        const wellFormed = Object.entries(others).map(([name, value]) => [name, value.toWellFormed()])
        const choice = chosen === undefined ? {} : { action: chosen, decision: chosen }
        const fields = { form: formAt(path), ...Object.fromEntries(wellFormed), ...choice }
        expect([200, 303, 400, 403, 409, 429]).toContain(await statusOf("POST", path, "", formOf(fields).toString()))
      },
    ),
    { numRuns: RUNS, seed: SEED },
  )
})

test("a page is shown, whatever stands in its address", async () => {
  const { statusOf } = await start()
  const path = fc.constantFrom("/", "/login", "/consent", "/account", "/authorize")
  await fc.assert(
    fc.asyncProperty(path, text, fc.boolean(), async (at, query, isNamed) => {
      expect([200, 303, 400]).toContain(await statusOf("GET", at, isNamed ? `request=${query}` : query))
    }),
    { numRuns: RUNS, seed: SEED },
  )
})

test("one source alone does not keep others from signing in", async () => {
  const { native, issuer } = await startFrontDoor()
  const handle = createHandler(native, { sourceOf: ({ headers }) => headers.get("x-source")! })
  const shown = await handle(new Request(`${issuer}/login`, { headers: { "x-source": "192.0.2.1" } }))
  const form = /name="form" value="([^"]+)"/.exec(await shown.text())![1]!
  const cookie = shown.headers.getSetCookie()[0]!.split(";")[0]!
  const post = async (source: string, name: string, password: string) => {
    const headers = { cookie, origin: issuer, "x-source": source }
    const body = formOf({ form, name, password })
    return (await handle(new Request(`${issuer}/login`, { method: "POST", headers, body }))).status
  }
  const guesses = Array.from({ length: 16 }, (_, index) => post("192.0.2.1", `user${index}`, "a wrong password"))
  const honest = post("203.0.113.5", "alice", PASSWORD)
  expect(await honest).toBe(303)
  const statuses = await Promise.all(guesses)
  expect(statuses.filter((status) => status === 429).length).toBeGreaterThan(0)
  expect(await post("192.0.2.1", "alice", PASSWORD)).toBe(303)
})
