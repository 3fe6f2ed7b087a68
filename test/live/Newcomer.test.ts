/** A newcomer: starts the server, signs in as who was printed, connects an app, and takes it back. */
import { readFileSync } from "node:fs"
import { createInterface } from "node:readline"
import { fileURLToPath } from "node:url"
import { expect, it } from "vitest"
import { newBrowser } from "../support/FrontDoor.ts"
import { endOf, startProgram } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

const ROOT = new URL("../../", import.meta.url)
const { scripts } = JSON.parse(readFileSync(new URL("package.json", ROOT), "utf8")) as {
  readonly scripts: { readonly start: string; readonly app: string }
}

/** What `npm start` and `npm run app` run, but for `node` in front. */
const wordsOf = (script: string): ReadonlyArray<string> => {
  const [node, file, ...rest] = script.split(" ")
  expect(node).toBe("node")
  return [fileURLToPath(new URL(file!, ROOT)), ...rest]
}
const START = wordsOf(scripts.start)
const APP = wordsOf(scripts.app)

/** The lines that a program prints, one after the other. */
const linesOf = (child: ReturnType<typeof startProgram>) => {
  const lines = createInterface(child.stdout)[Symbol.asyncIterator]()
  return async (wanted: RegExp): Promise<RegExpExecArray> => {
    for (;;) {
      const { value, done } = await lines.next()
      if (done === true) throw new Error(`the program ended without a line like ${wanted}`)
      const found = wanted.exec(value)
      if (found !== null) return found
    }
  }
}

it("signs in with the printed user, connects the example app, and its token is dead once it is disconnected", async () => {
  using folder = temporaryFolder()
  const server = startProgram([...START, "--port", "0", "--store", `sqlite:${folder.at("grantlog.db")}`])
  const app = await startApp(server)
  try {
    const { browser, account, printed } = app
    const consent = await browser.walk(app.link, app.name, app.password)
    expect(consent.text).toContain("Example app")
    const answer = await browser.submit(consent, "/consent", { decision: "allow" })
    expect((await fetch(answer.location!)).status).toBe(200)
    await printed(/^Connected, with the scope read\./)

    const page = await browser.get(account)
    expect(page.text).toContain("Example app")
    const grant = /name="grant" value="([^"]+)"/.exec(page.text)![1]!
    await browser.submit(page, "/account", { action: "revoke", grant })
    await printed(/^The token is dead\.$/)
    expect(await endOf(app.child)).toBe(0)
  } finally {
    server.kill("SIGTERM")
    await endOf(server)
  }
})

const startApp = async (server: ReturnType<typeof startProgram>) => {
  const served = linesOf(server)
  const [, issuer = ""] = await served(/^grantlog is serving (\S+)/)
  const [, account = "", name = "", password = ""] = await served(/^Sign in at (\S+) as (\S+) with the password (\S+)$/)
  const child = startProgram([...APP, issuer])
  const printed = linesOf(child)
  const [, link = ""] = await printed(/^ {2}(http\S+)$/)
  return { child, printed, link, account, name, password, browser: newBrowser(issuer) }
}
