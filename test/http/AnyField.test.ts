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
  const door = await startFrontDoor({ config: { issuer: "https://id.example" } })
  const { clientId } = await wireClient(door.url).newApp()
  const browser = newBrowser(door.issuer, door.carry)
  const login = await browser.get("/login")
  await browser.signIn(login)
  const consent = await browser.walk(authorizeUrl(clientId))
  const account = await browser.get("/account")
  const forms = { "/login": login, "/consent": consent, "/account": account }
  const formAt = (path: keyof typeof forms) => browser.hidden(forms[path])["form"]!
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join("; ")
  const headers = { host: new URL(door.issuer).host, cookie, origin: door.issuer }
  const defects: Array<unknown> = []
  const endpoints = makeEndpoints(door.native, { onDefect: (defect) => defects.push(defect) })
  const answerTo = async (method: string, path: string, query: string, body = "") => {
    const answer = await Effect.runPromise(
      endpoints({ method, path, query, headers, body, source: "192.0.2.1" }, "test"),
    )
    expect(defects).toEqual([])
    return answer
  }
  const statusOf = async (...asked: Parameters<typeof answerTo>) => (await answerTo(...asked)).status
  return { ...door, clientId, formAt, answerTo, statusOf }
}

const text = fc.oneof(fc.string(), fc.string({ unit: "binary" }), fc.string({ unit: "grapheme", maxLength: 3000 }))
const field = fc.constantFrom(
  ..."decision action grant session name password new-password repeat-password form x".split(" "),
)
const word = fc.constantFrom(
  ..."allow deny switch disconnect revoke disconnect-all revoke-all end-session password constructor __proto__ 0000000000000000000000".split(
    " ",
  ),
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

const uri = fc.constantFrom(
  ..."mcp /mcp //host.example https://host.example/mcp https://host.example/# https:host.example urn:x:y x: http://".split(
    " ",
  ),
)
const parameters = {
  scope: fc.oneof(text, {
    weight: 3,
    arbitrary: fc.constantFrom("read", "read write", "admin", 'r"ead', "read  read"),
  }),
  resource: fc.oneof(fc.array(fc.oneof(uri, text), { maxLength: 3 }), fc.constant(["https://host.example/mcp"])),
  state: text,
  prompt: fc.oneof(
    { weight: 3, arbitrary: fc.constant("consent") },
    text,
    fc.constantFrom("none", "login", "consent none", "select_account"),
  ),
  max_age: fc.oneof(text, fc.constantFrom("0", "60", "-1", "999999999")),
  login_hint: text,
  response_type: fc.oneof({ weight: 4, arbitrary: fc.constant("code") }, text),
  code_challenge: fc.oneof({ weight: 4, arbitrary: fc.constant("c".repeat(43)) }, text),
}

test("a request goes from authorize through consent to its answer, whatever stands in its parameters", async () => {
  const { clientId, answerTo, clock } = await start()
  let askedCount = 0
  let answeredCount = 0
  await fc.assert(
    fc.asyncProperty(fc.record(parameters, { requiredKeys: [] }), async (given) => {
      const asked = Object.fromEntries(
        Object.entries(given).map(([name, value]) => [name, [value].flat().map((one) => one.toWellFormed())]),
      )
      const more = Object.fromEntries(Object.entries(asked).map(([name, [first = ""]]) => [name, first]))
      const query = new URLSearchParams(authorizeUrl(clientId, more).split("?")[1])
      // Else it would be the request that was answered before.
      query.set("state", `${askedCount++} ${query.get("state")}`)
      for (const one of (asked["resource"] ?? []).slice(1)) query.append("resource", one)
      const { status, headers } = await answerTo("GET", "/authorize", query.toString())
      expect([303, 400]).toContain(status)
      const location = new URL(headers["location"] ?? "about:blank")
      if (location.pathname !== "/consent") return
      const page = await answerTo("GET", "/consent", location.search.slice(1))
      expect(page.status).toBe(200)
      const form = /<input type="hidden" name="form" value="([^"]+)"/.exec(page.body)![1]!
      if (!page.body.includes('value="allow"')) return
      clock.pass(1)
      const answer = await answerTo("POST", "/consent", "", formOf({ form, decision: "allow" }).toString())
      expect(answer.status).toBe(303)
      answeredCount++
    }),
    { numRuns: RUNS, seed: SEED },
  )
  expect(answeredCount).toBeGreaterThan(5)
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
