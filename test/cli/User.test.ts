/** `grantlog user` over a store: what it says of accounts and passwords, and what it asks before anybody types one. */
import { writeFileSync } from "node:fs"
import { beforeAll, describe, expect, it } from "vitest"
import { readKeyFile, sqliteStore } from "../../src/provider/index.ts"
import { run } from "../audit/Logins.ts"
import { adminStore, type AdminStore } from "../live/support/AdminStore.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, type HereOptions } from "../live/support/InProcess.ts"
import { serverOver } from "../support/TestServer.ts"

let store: AdminStore

beforeAll(async () => {
  store = await adminStore()
  return () => store[Symbol.dispose]()
})

const user = (args: ReadonlyArray<string>, input = "", options: HereOptions = {}) =>
  grantlogHere(["user", ...args, "--store", `sqlite:${store.file}`], { input, ...options })

/** Whether this is the password of the account, byte for byte. */
const isPassword = async (name: string, password: string): Promise<boolean> => {
  const log = sqliteStore(store.file)
  const { native } = await serverOver({ store: log, keys: readKeyFile(`${store.file}.keys.json`) })
  const standing = await run(native.accounts.verifyPassword(name, password))
  await run(log.close)
  return standing !== undefined
}

const suggested = (...args: ReadonlyArray<string>) => `grantlog user ${args.join(" ")} --store sqlite:${store.file}`

describe("user", () => {
  it("add says which account there is now, and that nobody can sign in to one without a password", async () => {
    const { code, stdout, stderr } = await user(["add", "ann"])
    expect([code, stderr]).toEqual([
      0,
      `the account has no password, so that nobody can sign in as ann yet; to set one: ${suggested("passwd", "ann")}\n`,
    ])
    expect(stdout).toMatch(
      /^name +ann\nsubjectId +sub_\w{22}\ndisplayName +ann\nhasPassword +false\ncreatedAt +\d{4}-[\d:.T-]+Z\n$/,
    )
    const { stdout: added, stderr: nothing } = await user(["add", "ben", "--json"])
    expect([JSON.parse(added), nothing]).toEqual([
      {
        name: "ben",
        displayName: "ben",
        subjectId: expect.stringMatching(/^sub_/),
        createdAt: expect.any(Number),
        hasPassword: false,
      },
      expect.stringContaining("sign in as ben yet"),
    ])
  })

  it("add takes a password from standard input, as it stands before the end of the line", async () => {
    for (const [name, input, password] of [
      ["line", "a good long one\n", "a good long one"],
      ["windows", "a good long one\r\n", "a good long one"],
      ["lines", "a good\nlong one\n", "a good\nlong one"],
      ["bare", "8 chars!", "8 chars!"],
    ] as const) {
      const { code, stdout, stderr } = await user(["add", name, "--password-stdin", "--json"], input)
      expect([code, stderr, JSON.parse(stdout)]).toEqual([0, "", expect.objectContaining({ name, hasPassword: true })])
      expect(await isPassword(name, password), name).toBe(true)
    }
    expect(await user(["add", "short", "--password-stdin"], "7 chars\n")).toEqual({
      code: 1,
      stdout: "",
      stderr: "grantlog: a password has at least 8 characters\n",
    })
  })

  it("asks for a password at a terminal, and shows nothing of it", async () => {
    expect(await user(["add", "typed", "--password-stdin"], "a good long one\n", { terminals: ["stdin"] })).toEqual({
      code: 0,
      stdout: expect.stringMatching(/^name +typed\n/),
      stderr: "the password (it is not shown), then press Enter: \n",
    })
    expect(await isPassword("typed", "a good long one")).toBe(true)
  })

  it("refuses a name that is taken, or a server that does not answer, before anybody is asked for a password", async () => {
    expect(await user(["add", "demo", "--password-stdin"], "short")).toEqual({
      code: 1,
      stdout: "",
      stderr: "grantlog: the name `demo` is taken\n",
    })
    const nobody = ["user", "add", "new", "--password-stdin", "--admin", "http://localhost:1"]
    const env = { GRANTLOG_ADMIN_CREDENTIAL: "a-credential-4f8a0c1e7b2d6953100" }
    expect((await grantlogHere(nobody, { env, input: "short" })).stderr).toMatch(/^grantlog: nothing answers at/)
    expect((await user(["passwd", "nobody"], "short")).stderr).toBe("grantlog: there is no account `nobody`\n")
  })

  it("passwd says that it is set, and where there are passkeys, that they stay", async () => {
    expect(await user(["passwd", "demo"], "another long one\n")).toEqual({
      code: 0,
      stdout: "the password of demo is set; it has been signed out everywhere\n",
      stderr: `its passkeys are as they were; to see them: ${suggested("passkeys", "demo")}\n`,
    })
    expect(await isPassword("demo", "another long one")).toBe(true)
    await user(["add", "cem"])
    expect((await user(["passwd", "cem"], "another long one\n")).stderr).toBe("")
  })

  it("disable and enable say how the account stands", async () => {
    await user(["add", "dan"])
    for (const step of ["disable", "enable"]) {
      expect(await user([step, "dan"])).toEqual({ code: 0, stdout: `account dan is ${step}d\n`, stderr: "" })
      const { stdout } = await user(["list", "--after", "cem", "--limit", "1", "--json"])
      expect(JSON.parse(stdout)).toMatchObject({ accounts: [{ name: "dan", status: `${step}d` }] })
    }
  })

  it("list says so where there is nobody", async () => {
    using folder = temporaryFolder()
    const empty = folder.at("empty.db")
    const log = sqliteStore(empty)
    const { keys } = await serverOver({ store: log })
    await run(log.close)
    writeFileSync(`${empty}.keys.json`, JSON.stringify(keys), { mode: 0o600 })
    const { stdout } = await grantlogHere(["user", "list", "--store", `sqlite:${empty}`])
    expect(stdout).toBe("no accounts yet\n")
  })
})
