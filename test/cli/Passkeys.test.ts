/** What an operator sees of passkeys and takes away, beside a server that goes on. */
import { writeFileSync } from "node:fs"
import { join } from "node:path"
import { Effect } from "effect"
import { describe, expect, test } from "vitest"
import { passkeys, sqliteStore, standardFeatures } from "../../src/provider/index.ts"
import { newAuthenticator } from "../support/Authenticator.ts"
import { isLoginPage, newBrowser, startFrontDoor } from "../support/FrontDoor.ts"
import { answerBy, enrol } from "../support/PasskeyPages.ts"
import { temporaryFolder } from "../support/TestServer.ts"
import { grantlogHere } from "../live/support/InProcess.ts"

const run = Effect.runPromise

describe("grantlog user", () => {
  test("passkeys lists them, and remove-passkey takes one or all away and signs the account out", async () => {
    const file = join(temporaryFolder(), "grantlog.db")
    const features = [...standardFeatures, ...passkeys()]
    const config = { issuer: "https://id.example.com" }
    const { issuer, carry, native, keys } = await startFrontDoor({ store: sqliteStore(file), features, config })
    writeFileSync(`${file}.keys.json`, JSON.stringify(keys), { mode: 0o600 })
    const store = ["--store", `sqlite:${file}`]
    const ask = (...args: ReadonlyArray<string>) => grantlogHere(["user", ...args, ...store])

    expect(await ask("passkeys", "alice")).toMatchObject({ code: 0, stdout: "no passkeys\n" })
    const [authenticator, browser] = [newAuthenticator(issuer), newBrowser(issuer, carry)]
    await enrol(browser, authenticator)
    await browser.follow(await answerBy(browser, await browser.get("/login"), authenticator))
    await browser.follow(await answerBy(browser, await browser.get("/account/passkeys"), newAuthenticator(issuer), {}))

    const { passkeys: listed } = JSON.parse((await ask("passkeys", "alice", "--json")).stdout) as {
      readonly passkeys: ReadonlyArray<{ readonly id: string; readonly name: string; readonly used: string | null }>
    }
    expect(listed).toHaveLength(2)
    const { id } = listed.find(({ name }) => name === "alice's phone") ?? expect.fail()
    expect((await ask("passkeys", "alice")).stdout).toContain("alice's phone")

    expect(await ask("remove-passkey", "alice")).toMatchObject({
      code: 2,
      stderr: expect.stringContaining("say --all"),
    })
    expect(await ask("remove-passkey", "alice", "ffffffffffff")).toMatchObject({
      code: 1,
      stderr: expect.stringContaining("alice has no passkey `ffffffffffff`"),
    })
    expect(await ask("remove-passkey", "nobody", "--all")).toMatchObject({ code: 1 })
    expect((await ask("remove-passkey", "alice", id)).stdout).toContain("removed 1 of the passkeys of alice")
    expect(isLoginPage(await browser.get("/account"))).toBe(true)
    expect((await answerBy(browser, await browser.get("/login"), authenticator)).status).toBe(403)
    const said = await grantlogHere(["user", "passwd", "alice", ...store], { input: "a new and longer password\n" })
    expect(said).toMatchObject({ code: 0, stderr: expect.stringContaining("its passkeys are as they were") })
    const removed = JSON.parse((await ask("remove-passkey", "alice", "--all", "--json")).stdout) as unknown
    expect(removed).toEqual({ name: "alice", removedCount: 1 })
    const { subjectId } = (await run(native.accounts.find("alice")))!
    expect(await run(native.passkeys.list(subjectId))).toEqual([])
  })
})
