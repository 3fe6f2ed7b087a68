/** `grantlog serve --console` for real: off unless switched on, and behind a password that is never an argument. */
import { readdirSync } from "node:fs"
import { join } from "node:path"
import { createInterface } from "node:readline"
import { expect, onTestFinished, test } from "vitest"
import { temporaryFolder } from "../support/TestServer.ts"
import { basic } from "../support/WireClient.ts"
import { endOf, grantlog, startGrantlog } from "./support/Command.ts"

const PASSWORD = "a password of the console"

interface Ready {
  readonly issuer: string
  readonly console?: { readonly password?: string }
}

/** A server on a new store, until the test has finished; gives the line that it prints when it can be asked. */
const serve = async (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}): Promise<Ready> => {
  const store = `sqlite:${join(temporaryFolder(), "grantlog.db")}`
  const child = startGrantlog(["serve", "--port", "0", "--json", "--store", store, ...args], env)
  onTestFinished(async () => {
    child.kill("SIGTERM")
    await endOf(child)
  })
  child.stdin.end()
  return new Promise((resolve, reject) => {
    createInterface(child.stdout).once("line", (line) => resolve(JSON.parse(line) as Ready))
    child.once("exit", (code) => reject(new Error(`the server ended with ${code}`)))
  })
}

const look = (issuer: string, password: string) =>
  fetch(`${issuer}/console`, { headers: basic("operator", password), redirect: "manual" })

test("a server that was not told to has no console", async () => {
  const { issuer, console: seen } = await serve([], { GRANTLOG_CONSOLE_PASSWORD: PASSWORD })
  expect(seen).toBeUndefined()
  expect((await fetch(`${issuer}/console`)).status).toBe(404)
})

test("one that was told opens it for the password of its environment, which it does not repeat", async () => {
  const { issuer, console: seen } = await serve(["--console"], { GRANTLOG_CONSOLE_PASSWORD: PASSWORD })
  expect(seen).toEqual({})
  expect((await look(issuer, "not the password")).status).toBe(401)
  const page = await look(issuer, PASSWORD)
  expect(page.status).toBe(200)
  expect(await page.text()).toContain("What happened?")
  for (const method of ["POST", "DELETE"]) {
    const answer = await fetch(`${issuer}/console`, { method, headers: basic("operator", PASSWORD) })
    expect(answer.status).toBe(405)
  }
})

test("on a loopback issuer it makes up a password for this run, and shows it once", async () => {
  const { issuer, console: seen } = await serve([], { GRANTLOG_CONSOLE: "true" })
  expect(seen?.password).toMatch(/^\w{16}$/)
  expect((await look(issuer, seen!.password!)).status).toBe(200)
})

test("elsewhere it does not start without one, nor with a short one", async () => {
  const folder = temporaryFolder()
  const store = `sqlite:${join(folder, "grantlog.db")}`
  const args = ["serve", "--port", "0", "--store", store, "--issuer", "https://id.example", "--console"]
  const none = await grantlog(args)
  expect(none.code).toBe(2)
  expect(none.stderr).toContain("--console needs a password: set GRANTLOG_CONSOLE_PASSWORD")
  const short = await grantlog(args, { env: { GRANTLOG_CONSOLE_PASSWORD: "fifteen letters" } })
  expect(short.code).toBe(2)
  expect(short.stderr).toContain("GRANTLOG_CONSOLE_PASSWORD is too short")
  expect(short.stderr).not.toContain("fifteen")
  expect(readdirSync(folder)).toEqual([])
})
