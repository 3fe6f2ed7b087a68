/** `grantlog login --device`: the code and where to enter it for people and for programs, and how it ends. */
import { Effect } from "effect"
import { expect, test } from "vitest"
import type { AuthorizationServer } from "../../src/provider/index.ts"
import { startFrontDoor } from "../support/FrontDoor.ts"
import { deviceSetting } from "../support/Television.ts"
import { endOf, grantlog, startGrantlog } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

/** Somebody says yes or no at the page of that code. */
const answer = async (native: AuthorizationServer, code: string, decision: "allow" | "deny") => {
  const userCode = code.replace("-", "")
  const subjectId = (await Effect.runPromise(native.accounts.ensure("alice", native.now()))).subjectId
  if (decision === "deny") return Effect.runPromise(native.devices.deny({ userCode, subjectId }))
  const { scopes, resources } = (await Effect.runPromise(native.devices.waiting(userCode)))!
  const approval = { _tag: "User", subjectId, approvedAt: native.now() } as const
  return Effect.runPromise(native.devices.approve({ userCode, approval, scopes, resources }))
}

/** `grantlog login --device …` until it has shown the code, and what it writes from then on. */
const begin = async (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) => {
  const child = startGrantlog(["login", "--device", ...args], env)
  child.stdin.end()
  const said = { stdout: "", stderr: "" }
  const code = new Promise<string>((resolve) => {
    for (const name of ["stdout", "stderr"] as const) {
      child[name].setEncoding("utf8").on("data", (chunk: string) => {
        said[name] += chunk
        const found = /\b([A-Z]{4}-[A-Z]{4})\b/.exec(said[name])?.[1]
        if (found !== undefined) resolve(found)
      })
    }
  })
  const ended = endOf(child).then((exitCode) => ({ ...said, exitCode }))
  const early = ended.then((all) => Promise.reject(new Error(JSON.stringify(all))))
  return { code: await Promise.race([code, early]), ended, child }
}

test("a device is let in, denied, or stopped: each is told in its words and its exit code", async () => {
  using folder = temporaryFolder()
  const { native, issuer } = await startFrontDoor(deviceSetting({}, { interval: 1 }))
  const url = `${issuer}/mcp`
  const envOf = (name: string) => ({ GRANTLOG_CREDENTIALS: folder.at(name) })
  const [program, person, stopped] = await Promise.all([
    begin([url, "--json", "--scopes", "read"], envOf("program")),
    begin([url], envOf("person")),
    begin([url], envOf("stopped")),
  ])
  stopped.child.kill("SIGINT")
  await answer(native, program.code, "allow")
  await answer(native, person.code, "deny")

  const { stdout, exitCode } = await program.ended
  const [shown, done, ...others] = stdout.split(/(?<=^\}\n)/m).map((text) => JSON.parse(text) as unknown)
  expect([exitCode, others]).toEqual([0, []])
  expect(shown).toEqual({
    issuer,
    userCode: program.code,
    verificationUri: `${issuer}/device`,
    verificationUriComplete: `${issuer}/device?user_code=${program.code}`,
    expires: expect.stringMatching(/^20\d\d-.*Z$/),
  })
  expect(done).toMatchObject({ issuer, scope: "read", expires: expect.stringContaining("Z") })
  expect((await grantlog(["token", url], { env: envOf("program") })).stdout).toMatch(/^gla_\w+\n$/)

  const denied = await person.ended
  expect([denied.exitCode, denied.stdout]).toEqual([1, ""])
  expect(denied.stderr).toContain(`open this address in a browser:\n\n  ${issuer}/device\n`)
  expect(denied.stderr).toContain(`enter this code there before`)
  expect(denied.stderr).toMatch(/\ngrantlog: `http.*` says that somebody said no to this device: [^\n]+\n$/)

  const interrupted = await stopped.ended
  expect([interrupted.exitCode, interrupted.stdout]).toEqual([1, ""])
  expect(interrupted.stderr).toMatch(/\ngrantlog: stopped before the login was done\n$/)
})

test("what cannot be meant, and a server without devices, are one line that says what to do", async () => {
  using folder = temporaryFolder()
  const env = { GRANTLOG_CREDENTIALS: folder.at("logins") }
  const { issuer } = await startFrontDoor()
  const [both, without] = await Promise.all([
    grantlog(["login", "--device", "--print-link", `${issuer}/mcp`], { env }),
    grantlog(["login", "--device", `${issuer}/mcp`], { env }),
  ])
  expect(both).toMatchObject({ code: 2, stdout: "", stderr: expect.stringMatching(/^grantlog: --device .*\n$/) })
  expect(without).toMatchObject({ code: 1, stdout: "" })
  expect(without.stderr).toBe(`grantlog: the server \`${issuer}\` takes no devices: log in through a browser\n`)
})
