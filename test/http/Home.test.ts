/** What is at the issuer's own address, for whoever opens it in a browser. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import { createHandler } from "../../src/http/index.ts"
import { StoreFault } from "../../src/log/index.ts"
import { fromOAuthProvider, inMemoryProvider } from "../../src/provider/index.ts"
import { actionOf, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"

test("whoever is not signed in is offered to, and gets to their account by it", async () => {
  const { issuer } = await startFrontDoor()
  const browser = newBrowser(issuer)
  const home = await browser.get("/")
  expect(home.status).toBe(200)
  expect(home.text).toContain(`<a class="button" href="${issuer}/account">Sign in</a>`)
  expect(home.text).toContain("It shows what you have connected, and where you are signed in.")
  const asked = await browser.get(`${issuer}/account`)
  expect(actionOf(asked, "/login")).toBeDefined()
  expect((await browser.signIn(asked)).location).toBe(`${issuer}/account`)
})

test("whoever is signed in is shown the way to what is theirs", async () => {
  const { issuer } = await startFrontDoor()
  const browser = newBrowser(issuer)
  await browser.signIn(await browser.get("/login"))
  const { text } = await browser.get("/")
  expect(text).toContain(`<a href="${issuer}/account">What you have connected, and where you are signed in</a>`)
  expect(text).not.toContain("Sign in<")
})

test("below a path, and at another host, the way leads to the issuer's own account", async () => {
  const issuer = "https://id.example/auth/"
  const { carry } = await startFrontDoor({ config: { issuer } })
  for (const [path, host] of [
    ["/auth/", "id.example"],
    ["/auth", "evil.example"],
  ] as const) {
    const { text } = await newBrowser(issuer, carry).send("GET", path, undefined, { host })
    expect(text, host).toContain('href="https://id.example/auth/account"')
  }
  expect((await newBrowser("https://id.example.", carry).get("/auth")).text).toContain(
    'href="https://id.example./auth/account"',
  )
})

test("where accounts are somebody else's affair, nobody is asked to sign in", async () => {
  const handle = createHandler(fromOAuthProvider(inMemoryProvider(), { issuer: "https://id.example" }))
  const text = await (await handle(new Request("https://id.example/"))).text()
  expect(text).toContain("<code>https://id.example</code>")
  expect(text).not.toMatch(/account|Sign in/)
})

test("while the store cannot be read, who has a session is told so", async () => {
  const { issuer, native } = await startFrontDoor()
  const browser = newBrowser(issuer)
  await browser.signIn(await browser.get("/login"))
  const unread = Effect.fail(new StoreFault({ reason: "disk", message: "the store cannot be read" }))
  const broken = { ...native, sessions: { ...native.sessions, find: () => unread } }
  const handle = createHandler(broken)
  const cookie = [...browser.jar].map(([name, value]) => `${name}=${value}`).join("; ")
  const { status } = await handle(new Request(issuer, { headers: { cookie } }))
  expect(status).toBe(503)
  expect((await handle(new Request(issuer))).status).toBe(200)
})
