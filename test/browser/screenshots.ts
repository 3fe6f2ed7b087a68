/**
 * `npm run screenshots`: the pages as people see them, on a phone and on a wide screen, light and dark.
 *
 * For looking at. Nothing is compared: a picture that differs by a pixel says nothing about whether it is right.
 */
import { hash } from "node:crypto"
import { mkdirSync } from "node:fs"
import type { AddressInfo } from "node:net"
import { createServer } from "node:http"
import { join, relative } from "node:path"
import { Clock, Effect } from "effect"
import { chromium, type Browser, type BrowserContextOptions, type Page } from "playwright-core"
import { ARMING_MILLIS } from "../../src/http/Forms.ts"
import { nodeListener } from "../../src/http/index.ts"
import { ephemeralKeys, makeServer, memoryStore } from "../../src/provider/index.ts"
import { manualClock } from "../support/ManualClock.ts"
import { challengeOf, formOf, wireClient } from "../support/WireClient.ts"
import { isPackaged, serveChromium } from "./Chromium.ts"
import { CONSOLE_PASSWORD, startConsoleStory } from "./ConsoleStory.ts"

const FOLDER = join(import.meta.dirname, "screenshots")
const PASSWORD = "correct horse battery"
const REDIRECT_URI = "http://127.0.0.1:43121/callback"
const VERIFIER = "v".repeat(43)

const logo = `data:image/svg+xml;base64,${Buffer.from(
  `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="8" fill="#0e7c66"/><path d="M9 21V11l7 6 7-6v10" fill="none" stroke="#fff" stroke-width="3" stroke-linecap="round" stroke-linejoin="round"/></svg>`,
).toString("base64")}`

/** A server with somebody who has two apps already and is asked by a third. */
const startServer = async () => {
  let listener: ReturnType<typeof nodeListener> = (_, response) => response.end()
  const http = createServer((message, response) => listener(message, response))
  await new Promise<void>((resolve) => http.listen(0, "localhost", resolve))
  const issuer = `http://localhost:${(http.address() as AddressInfo).port}`
  const { clock, randomness, now, pass } = manualClock()
  const config = {
    issuer,
    displayName: "Meadow Notes",
    logo,
    scopes: ["notes:read", "notes:write", "files:search"],
    scopeDescriptions: {
      "notes:read": "read your notes and who wrote them",
      "notes:write": "write, change and delete notes in your name",
    },
    session: { idle: 8 * 86_400, absolute: 30 * 86_400 },
  }
  const server = await Effect.runPromise(
    Effect.provideService(
      makeServer({ store: memoryStore(), keys: ephemeralKeys(), randomness, config }),
      Clock.Clock,
      clock,
    ),
  )
  listener = nodeListener(server)
  await Effect.runPromise(server.accounts.add("maria@meadow.example", PASSWORD, now() as never))
  return { http, issuer, pass, wire: wireClient(issuer) }
}

type Served = Awaited<ReturnType<typeof startServer>>

const authorizeUrl = ({ issuer }: Served, clientId: string, more: Readonly<Record<string, string>> = {}): string =>
  `${issuer}/authorize?${formOf({
    response_type: "code",
    client_id: clientId,
    redirect_uri: REDIRECT_URI,
    scope: "notes:read notes:write files:search",
    resource: "https://notes.meadow.example/mcp",
    code_challenge: challengeOf(VERIFIER),
    code_challenge_method: "S256",
    ...more,
  })}`

const newApp = ({ wire }: Served, client_name: string) => wire.newApp({ client_name, redirect_uris: [REDIRECT_URI] })

const signIn = async (page: Page) => {
  await page.fill("#name", "maria@meadow.example")
  await page.fill("#password", PASSWORD)
  await page.click("main form button")
}

/** Signs in, and allows two apps; the state of that browser is what the pictures begin with. */
const prepare = async (browser: Browser, served: Served) => {
  const context = await browser.newContext()
  const page = await context.newPage()
  await page.goto(`${served.issuer}/account`)
  await signIn(page)
  for (const [name, scope, days] of [
    ["Desk Assistant", "notes:read", 3],
    ["Weekly Digest", "notes:read files:search", 1],
  ] as const) {
    const app = await newApp(served, name)
    await page.goto(authorizeUrl(served, app.clientId, { scope }))
    await signIn(page)
    served.pass(ARMING_MILLIS / 1000)
    const answer = page.waitForRequest((request) => request.url().startsWith(REDIRECT_URI))
    await page.click("button[value=allow]")
    const code = new URL((await answer).url()).searchParams.get("code")!
    const { refresh } = await served.wire.redeem(app, { code, verifier: VERIFIER }).then(({ body }) => ({
      refresh: body.refresh_token!,
    }))
    served.pass(days * 86_400 + 5025)
    await served.wire.refreshed(app, refresh)
  }
  const state = await context.storageState()
  await context.close()
  return state
}

const screens: ReadonlyArray<readonly [name: string, options: BrowserContextOptions]> = (
  ["light", "dark"] as const
).flatMap((colorScheme) => [
  [`phone-${colorScheme}`, { colorScheme, viewport: { width: 390, height: 844 }, deviceScaleFactor: 2 }],
  [`wide-${colorScheme}`, { colorScheme, viewport: { width: 1440, height: 900 } }],
])

interface Shot {
  readonly url: string
  readonly isSignedIn: boolean
}

/** The console, looking at a theft. */
const takeConsole = async (browser: Browser) => {
  const story = await startConsoleStory()
  const { issuer, stolen, living, visitor } = story
  const shots: Readonly<Record<string, string>> = {
    "console-home": "/console",
    "console-grant": `/console?about=${stolen.grantId}`,
    "console-token": `/console?about=${hash("sha256", stolen.presented, "base64url")}`,
    "console-past": `/console?about=${stolen.grantId}&at=12`,
    "console-living": `/console?about=${living.grantId}`,
    "console-client": "/console?about=desk-assistant",
    "console-unknown": "/console?about=nobody",
  }
  const take = async (file: string, path: string, options: BrowserContextOptions) => {
    const context = await browser.newContext({ ...visitor, ...options })
    const page = await context.newPage()
    await page.goto(issuer + path)
    if (file.startsWith("console-login")) {
      await page.screenshot({ path: join(FOLDER, `${file}.png`), fullPage: true })
      return context.close()
    }
    await page.getByLabel("Console password").fill(CONSOLE_PASSWORD)
    await page.getByRole("button", { name: "Sign in" }).click()
    await page.getByRole("button", { name: "Sign out" }).waitFor()
    // The one that README shows ends where the tree and the timeline do.
    const answer = file === "console" ? await page.locator(".answer").boundingBox() : null
    const clip = answer === null ? {} : { clip: { x: 0, y: 0, width: 1300, height: answer.y + answer.height + 20 } }
    await page.screenshot({ path: join(FOLDER, `${file}.png`), fullPage: true, ...clip })
    return context.close()
  }
  try {
    for (const [screen, options] of screens) {
      await take(`console-login-${screen}`, "/console", options)
      for (const [name, path] of Object.entries(shots)) await take(`${name}-${screen}`, path, options)
    }
    await take("console", shots["console-token"]!, { colorScheme: "light", viewport: { width: 1300, height: 800 } })
  } finally {
    await story.close()
  }
}

const main = async () => {
  const { endpoint, close } = await serveChromium()
  const served = await startServer()
  try {
    const browser = await chromium.connect(endpoint)
    const storageState = await prepare(browser, served)
    const app = await newApp(served, "Trail Planner")
    const consent: Shot = { url: authorizeUrl(served, app.clientId), isSignedIn: true }
    const shots: Readonly<Record<string, Shot>> = {
      login: { url: authorizeUrl(served, app.clientId, { login_hint: "maria@meadow.example" }), isSignedIn: false },
      consent,
      account: { url: `${served.issuer}/account`, isSignedIn: true },
      disconnect: { url: `${served.issuer}/account`, isSignedIn: true },
      home: { url: served.issuer, isSignedIn: false },
      unknown: { url: `${served.issuer}/nowhere`, isSignedIn: false },
      error: { url: authorizeUrl(served, app.clientId, { response_type: "token" }), isSignedIn: false },
    }
    const take = async (file: string, { url, isSignedIn }: Shot, options: BrowserContextOptions) => {
      const context = await browser.newContext({ ...options, ...(isSignedIn ? { storageState } : {}) })
      const page = await context.newPage()
      await page.goto(url)
      // Every login ends the session before it, that of the picture before this one.
      if (isSignedIn && (await page.locator("#password").isVisible())) {
        await signIn(page)
        await page.waitForURL((address) => address.pathname !== "/login")
      }
      if (file.startsWith("disconnect")) {
        served.pass(ARMING_MILLIS / 1000)
        await page.getByRole("button", { name: "Disconnect Weekly Digest" }).click()
        await page.getByRole("heading", { name: "Disconnect this app?" }).waitFor()
      }
      await page.evaluate(() => Promise.all(document.getAnimations().map(({ finished }) => finished)))
      await page.screenshot({ path: join(FOLDER, `${file}.png`), fullPage: true })
      await context.close()
    }
    for (const [screen, options] of screens) {
      for (const [name, shot] of Object.entries(shots)) await take(`${name}-${screen}`, shot, options)
    }
    // The one that README shows.
    await take("consent", consent, { colorScheme: "light", viewport: { width: 640, height: 800 } })
    await takeConsole(browser)
    console.log(`the pictures are in ${relative(process.cwd(), FOLDER)}`)
    await browser.close()
  } finally {
    served.http.closeAllConnections()
    served.http.close()
    await close()
  }
}

if (isPackaged) {
  mkdirSync(FOLDER, { recursive: true })
  await main()
} else {
  console.error(`no Chromium is packaged for ${process.platform} ${process.arch}: no pictures were made`)
  process.exitCode = 1
}
