/**
 * The default start, and a thief on other ports of this machine: a client that somebody connects, or only refuses.
 *
 * Cookies know no port, so the thief has those of the browser, whichever name it has itself: it leads on to that of the
 * server. It replays them as fast as it likes, and reads every page there is for them.
 */
import { once } from "node:events"
import { createServer } from "node:http"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { Effect } from "effect"
import { describe, expect, onTestFinished } from "vitest"
import { sqliteStore } from "../../src/provider/index.ts"
import { freePort } from "../support/FreePort.ts"
import { temporaryFolder } from "../support/TestServer.ts"
import { authorizeUrl, isLoginPage, newBrowser } from "../support/FrontDoor.ts"
import { wireClient, type App } from "../support/WireClient.ts"
import { endOf, startGrantlog } from "../live/support/Command.ts"
import { test, press, signIn, visit } from "./Visit.ts"

interface Ready {
  readonly issuer: string
  readonly demo: { readonly name: string; readonly password: string }
  readonly console: { readonly password: string }
}

/** The server as it starts by default, the console switched on. */
const startDefault = async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const child = startGrantlog(["serve", "--port", "0", "--json", "--console", "--store", `sqlite:${file}`])
  onTestFinished(async () => {
    child.kill("SIGTERM")
    await endOf(child)
  })
  child.stdin.end()
  const ready = await new Promise<Ready>((resolve, reject) => {
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line) as Ready))
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)))
  })
  const store = sqliteStore(file)
  onTestFinished(() => Effect.runPromise(store.close))
  /** What the server has recorded of grants so far, beside it. */
  const grants = () => Effect.runPromise(store.rows.grants({}, { limit: 100 }))
  return { ...ready, grants }
}

/** Listens at both addresses of this machine, and keeps the cookies of whoever comes. */
const startThief = async (issuer: string) => {
  const cookies = new Map<string, string>()
  const listener: Parameters<typeof createServer>[1] = ({ url, headers }, response) => {
    for (const pair of (headers.cookie ?? "").split("; ").filter((one) => one !== "")) {
      const [name = "", value = ""] = pair.split("=")
      cookies.set(name, value)
    }
    if (url!.startsWith("/callback")) {
      return response.writeHead(302, { location: `http://${new URL(issuer).hostname}:${port}/kept` }).end()
    }
    return response.writeHead(200, { "content-type": "text/html" }).end("<p>You can close this window.")
  }
  // One that is free at both.
  const port = await freePort()
  const servers = ["127.0.0.1", "::1"].map((host) => createServer(listener).listen(port, host))
  await Promise.all(servers.map((server) => once(server, "listening")))
  onTestFinished(async () => {
    for (const server of servers) server.closeAllConnections()
    await Promise.all(servers.map((server) => new Promise((resolve) => server.close(resolve))))
  })
  /** A browser of the thief's own with all that it has got. */
  const loot = () => {
    const browser = newBrowser(issuer)
    for (const [name, value] of cookies) browser.jar.set(name, value)
    return browser
  }
  return { port, loot, cookies }
}

describe.each([
  ["localhost", (port: number) => `http://localhost:${port}/callback`],
  ["127.0.0.1", (port: number) => `http://127.0.0.1:${port}/callback`],
  ["[::1]", (port: number) => `http://[::1]:${port}/callback`],
  ["something.localhost", (port: number) => `http://127.0.0.1:${port}/callback?by=something.localhost`],
])("a client whose answers go to %s", (name, redirectUriAt) => {
  test("approves nothing with what comes with an answer, be it Allow or Deny, nor sees the console", async () => {
    const { issuer, demo, console: door, grants } = await startDefault()
    const thief = await startThief(issuer)
    const redirectUri = redirectUriAt(thief.port)
    const wire = wireClient(issuer)
    const newApp = () => wire.newApp({ client_name: "Notes", redirect_uris: [redirectUri] })
    const urlFor = ({ clientId }: App) => issuer + authorizeUrl(clientId, { redirect_uri: redirectUri })
    const { page } = await visit({
      javaScriptEnabled: false,
      httpCredentials: { username: "operator", password: door.password, origin: issuer },
    })
    await page.goto(`${issuer}/console`)
    await page.getByRole("heading", { name: "What happened?" }).waitFor()
    await page.goto(`${issuer}/account`)
    await signIn(page, demo.name, demo.password)
    for (const answer of ["Allow", "Deny"]) {
      thief.cookies.clear()
      await page.goto(urlFor(await newApp()))
      await page.getByLabel("Password").fill(demo.password)
      await press(page, "Sign in")
      await press(page, answer)
      await page.getByText("You can close this window").waitFor()
      if (name === "something.localhost") await page.goto(`http://${name}:${thief.port}/callback`)
      expect([...thief.cookies.keys()].some((one) => one.includes("session"))).toBe(true)

      const before = await grants()
      const given = answer === "Allow" ? ["Open"] : ["Denied", "Open"]
      expect(before.map(({ state }) => state._tag).toSorted()).toEqual(given)
      const next = urlFor(await newApp())
      const asked = await thief.loot().follow(await thief.loot().get(next))
      expect(isLoginPage(asked)).toBe(true)
      for (const decision of ["allow", "deny"]) {
        expect((await thief.loot().submit(asked, "/consent", { decision })).location).toBeUndefined()
      }
      const console = await thief.loot().get("/console")
      expect(console.status).toBe(401)
      expect(console.text).not.toContain("What happened?")
      expect(await grants()).toEqual(before)
      // What is left to it, as README says.
      expect((await thief.loot().get("/account")).text).toContain("Signed in as")
    }
  })
})
