/** The console in a real browser: by keyboard, on a phone, in the dark, without script; and a token that never leaves. */
import { hash } from "node:crypto"
import { readFileSync } from "node:fs"
import { join } from "node:path"
import { Result } from "effect"
import type { BrowserContextOptions, Page } from "playwright-core"
import { describe, expect, onTestFinished } from "vitest"
import { leafHash, parseProof, verifyProof } from "../../src/log/index.ts"
import { temporaryFolder } from "../support/TestServer.ts"
import { audit } from "./Audit.ts"
import { CONSOLE_PASSWORD, OWNER, startConsoleStory } from "./ConsoleStory.ts"
import { test, expectToFit, press, tabTo, untilFocused, visit } from "./Visit.ts"

const LABEL = "Token, SHA-256, id or account name"

const digestOf = (token: string): string => hash("sha256", token, "base64url")

/** At the page that was asked for, signed in. */
const start = async (path = "/console", options: BrowserContextOptions = {}) => {
  const story = await startConsoleStory()
  onTestFinished(story.close)
  const visited = await visit({ ...story.visitor, ...options })
  /** All that left the browser: addresses, headers and bodies. */
  const sent: Array<string> = []
  visited.page.context().on("request", (request) => {
    sent.push(request.url(), JSON.stringify(request.headers()), request.postData() ?? "")
  })
  await visited.page.goto(story.issuer + path)
  await visited.page.getByLabel("Console password").fill(CONSOLE_PASSWORD)
  await press(visited.page, "Sign in")
  await visited.page.getByRole("button", { name: "Sign out" }).waitFor()
  return { ...story, ...visited, sent }
}

type Box = NonNullable<Awaited<ReturnType<ReturnType<Page["locator"]>["boundingBox"]>>>

const heading = (page: Page): Promise<string | null> => page.getByRole("heading", { level: 1 }).textContent()

const lookUp = async (page: Page, text: string): Promise<void> => {
  const from = page.url()
  await page.getByLabel(LABEL).fill(text)
  await press(page, "Explain")
  await page.waitForURL((url) => url.href !== from)
}

test("a token that is pasted is hashed in the browser, and never leaves it", async () => {
  const { page, sent, stolen, living, issuer, violations } = await start()
  const tokens = [stolen.presented, stolen.code, living.tokens.access_token]
  for (const [token, title] of [
    [stolen.presented, "Refresh token"],
    [`Bearer ${living.tokens.access_token}`, "Access token"],
    [stolen.code, "Code"],
  ] as const) {
    await page.goto(`${issuer}/console`)
    await lookUp(page, token)
    expect(await heading(page)).toContain(title)
    expect(new URL(page.url()).searchParams.get("about")).toBe(digestOf(token.replace("Bearer ", "")))
  }
  const altered = `${stolen.presented.slice(0, -1)}${stolen.presented.endsWith("0") ? "1" : "0"}`
  await lookUp(page, altered)
  expect(await page.getByText("made up, altered or cut off").count()).toBe(1)
  for (const cut of [
    stolen.presented.slice(0, 40),
    "eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ4In0.c2lnbmF0dXJl",
    "x".repeat(32),
  ]) {
    await lookUp(page, cut)
    expect(await heading(page)).toBe("Not ours")
    tokens.push(cut)
  }
  const name = "firstname.lastname@department.example.com"
  await lookUp(page, name)
  expect(new URL(page.url()).searchParams.get("about")).toBe(name)
  const all = sent.join("\n")
  // Of a token only the grant that it names may leave; what makes it one is what comes after.
  for (const token of [...tokens, altered]) {
    expect(all.includes(token)).toBe(false)
    expect(all.includes(token.slice(27) || token)).toBe(false)
  }
  expect(violations).toEqual([])
})

test("without script an id or a hash is looked up, and the browser itself holds back a token", async () => {
  const { page, sent, stolen } = await start("/console", { javaScriptEnabled: false })
  await page.getByText("Without JavaScript only a SHA-256, an id or a name can be looked up").waitFor()
  expect(await page.getByText("hashed in your browser").isVisible()).toBe(false)
  const before = sent.length
  await page.getByLabel(LABEL).fill(stolen.presented)
  await press(page, "Explain")
  await page.getByLabel(LABEL).fill(stolen.code)
  await press(page, "Explain")
  expect(sent.length).toBe(before)
  await lookUp(page, digestOf(stolen.presented))
  expect(await heading(page)).toContain("Refresh token")
  await lookUp(page, OWNER)
  expect(await heading(page)).toContain("Subject")
  await lookUp(page, "desk-assistant")
  expect(await heading(page)).toContain("Client")
})

test("everything is reached by the keyboard, and the focus is always to be seen", async () => {
  const { page, stolen } = await start()
  await untilFocused(page, "#about")
  await page.keyboard.type(stolen.grantId)
  await page.keyboard.press("Enter")
  await page.getByRole("heading", { level: 1, name: `Grant ${stolen.grantId}` }).waitFor()
  await page.keyboard.press("Tab")
  expect(await page.evaluate(() => document.activeElement?.textContent)).toBe("Skip to the content")
  await page.keyboard.press("Enter")
  await tabTo(page, "Last event (#18)")
  await page.keyboard.press("Enter")
  await page.waitForURL(/at=18$/)
  await tabTo(page, "Event before (#17)")
  await page.keyboard.press("Enter")
  await page.waitForURL(/at=17$/)
  await tabTo(page, "Now")
  await page.keyboard.press("Enter")
  await page.waitForURL((url) => !url.searchParams.has("at"))
  await tabTo(page, "#8, as of then")
  await page.keyboard.press("Enter")
  await page.waitForURL(/at=8$/)
  await tabTo(page, "Sign out")
  await page.keyboard.press("Enter")
  await page.getByLabel("Console password").waitFor()
})

test("a lineage tells stolen, spent, dead and live apart by words and shapes, and leads on to each of them", async () => {
  const { page, stolen, living } = await start()
  const shapes = new Map<string, string>()
  for (const grantId of [stolen.grantId, living.grantId]) {
    await lookUp(page, grantId)
    const members = page.getByRole("region", { name: "Lineage" }).getByRole("listitem").locator(".fate")
    for (const member of await members.all()) {
      shapes.set((await member.textContent())!.trim(), await member.locator("svg").innerHTML())
    }
  }
  expect([...shapes.keys()].toSorted()).toEqual(["dead", "live", "spent", "stolen"])
  expect(new Set(shapes.values()).size).toBe(4)
  await page.getByRole("region", { name: "Lineage" }).getByRole("link", { name: /^code/ }).click()
  await page.getByText("this one").waitFor()
  expect(await heading(page)).toContain("Code")
})

test("an address holds what and when, and shows the same to whoever is sent it", async () => {
  const { page, issuer, stolen, visitor } = await start()
  await page.goto(`${issuer}/console?about=${stolen.grantId}&at=12`)
  await page.getByText("when the log had 13 entries").waitFor()
  expect(await page.locator(".member.stolen").count()).toBe(0)
  const { page: other } = await visit(visitor)
  await other.goto(page.url())
  await other.getByLabel("Console password").fill(CONSOLE_PASSWORD)
  await press(other, "Sign in")
  await other.getByText("when the log had 13 entries").waitFor()
  expect(other.url()).toBe(page.url())
  await other.getByRole("textbox", { name: "As of" }).fill("2026-11-20 10:20")
  await press(other, "Go")
  await other.getByText("As of 2026-11-20 10:20:00 UTC").waitFor()
  expect(await other.locator(".member.stolen").count()).toBeGreaterThan(0)
})

describe.each([
  ["with script", {}],
  ["without script", { javaScriptEnabled: false }],
])("%s", (_, options) => {
  test("one token fits on two screens of a phone; what is folded up there is opened by a press", async () => {
    const viewport = { width: 390, height: 844 }
    const { page, stolen, living, issuer } = await start("/console", { viewport, ...options })
    for (const token of [stolen.presented, stolen.code, stolen.tokens.access_token, living.tokens.refresh_token]) {
      await page.goto(`${issuer}/console?about=${digestOf(token)}`)
      await expectToFit(page)
      const height = await page.evaluate(() => document.documentElement.scrollHeight)
      expect(height, await page.title()).toBeLessThanOrEqual(2 * viewport.height)
      expect(await page.getByRole("region", { name: "Lineage" }).getByText("this one").isVisible()).toBe(true)
      for (const name of ["What to do next", "Timeline", "Where it came from"]) {
        const part = page.getByRole("region", { name })
        expect([name, await part.getByRole("listitem").first().isVisible()]).toEqual([name, false])
        await part.getByRole("heading", { name }).click()
        expect([name, await part.getByRole("listitem").first().isVisible()]).toEqual([name, true])
      }
      await page.getByText("Another moment").click()
      expect(await page.getByRole("textbox", { name: "As of" }).isVisible()).toBe(true)
      await expectToFit(page)
    }
  })

  test("a wide screen is used: nothing is folded up, and parts stand side by side", async () => {
    const viewport = { width: 1440, height: 900 }
    const { page, stolen, issuer } = await start("/console", { viewport, ...options })
    await page.goto(`${issuer}/console?about=${digestOf(stolen.presented)}`)
    const boxes = await Promise.all(
      ["What to do next", "Lineage", "Timeline"].map(async (name) => {
        const part = page.getByRole("region", { name })
        expect([name, await part.getByRole("listitem").first().isVisible()]).toEqual([name, true])
        return (await part.boundingBox())!
      }),
    )
    const [next, lineage, timeline] = boxes as [Box, Box, Box]
    expect(next.x + next.width).toBeLessThan(lineage.x)
    expect(lineage.x + lineage.width).toBeLessThan(timeline.x)
    expect(lineage.y).toBe(timeline.y)
    const used = timeline.x + timeline.width - next.x
    expect(used).toBeGreaterThan(viewport.width * 0.9)
    expect(await page.getByRole("textbox", { name: "As of" }).isVisible()).toBe(true)
    await expectToFit(page)
  })
})

test("clients are called by their names beside their ids, on every page that names one", async () => {
  const { page, stolen, living, issuer } = await start()
  const [desk, digest] = ['desk-assistant ("Desk Assistant")', 'weekly-digest ("Weekly Digest")']
  for (const [about, beside] of [
    [digestOf(stolen.presented), desk],
    [living.grantId, digest],
    ["desk-assistant", desk],
    [OWNER, digest],
  ] as const) {
    await page.goto(`${issuer}/console?about=${about}`)
    expect(await page.getByRole("main").innerText(), about).toContain(beside)
  }
})

test("a proof that is downloaded holds", async () => {
  const { page, key, stolen } = await start()
  await lookUp(page, stolen.grantId)
  const downloading = page.waitForEvent("download")
  await page.getByRole("link", { name: "Download the proof of entry 17" }).click()
  const download = await downloading
  expect(download.suggestedFilename()).toBe("17.tlog-proof")
  const file = join(temporaryFolder(), download.suggestedFilename())
  await download.saveAs(file)
  const text = readFileSync(file, "utf8")
  expect(Result.isSuccess(Result.flatMap(parseProof(text), (proof) => verifyProof(proof, key, leafHash)))).toBe(true)
})

test("axe finds nothing, light or dark, small or wide, and nothing lies beside a phone's screen", async () => {
  const { page, issuer, stolen, living, violations } = await start()
  const paths = {
    home: "",
    "a theft": `?about=${digestOf(stolen.presented)}`,
    "a grant of the past": `?about=${stolen.grantId}&at=12`,
    "a living grant": `?about=${living.grantId}`,
    "a client": "?about=desk-assistant",
    "somebody unknown": "?about=nobody",
    "a mistake": "?about=desk-assistant&at=yesterday",
    login: "?about=desk-assistant",
  }
  for (const [what, query] of Object.entries(paths)) {
    if (what === "login") await page.context().clearCookies()
    await page.goto(`${issuer}/console${query}`)
    if (what === "login") {
      await page.getByLabel("Console password").fill("a wrong password here")
      await press(page, "Sign in")
      await page.getByRole("alert").waitFor()
    }
    await audit(page, what)
  }
  expect(violations).toEqual([])
})

test("nothing is loaded from anywhere else, and no frame may hold it", async () => {
  const { page, issuer, requested, stolen } = await start()
  await lookUp(page, stolen.grantId)
  expect(requested.filter((one) => !one.startsWith(`${issuer}/console`))).toEqual([])
  expect(requested.some((one) => one === `${issuer}/console/hash.js`)).toBe(true)
  await page.goto(`${issuer}/healthz`)
  await page.evaluate((src) => {
    document.body.append(Object.assign(document.createElement("iframe"), { src }))
  }, `${issuer}/console`)
  await expect.poll(() => page.frames().at(-1)!.url()).toMatch(/^chrome-error:/)
})
