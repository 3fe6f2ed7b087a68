/**
 * Providers in Python, run as they are: FastMCP's own, which earns its report; sound ones, which are acquitted, whatever
 * clock they go by; ones with a single fault, which are convicted of that; and those that cannot be checked at all.
 */
import { appendFileSync, chmodSync, copyFileSync, mkdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { fileURLToPath } from "node:url"
import { execFile } from "node:child_process"
import { promisify } from "node:util"
import { afterAll, describe, expect, it } from "vitest"
import { checkPythonProvider, type KitReport, type ProviderOptions } from "../../properties/index.ts"
import { grantlog } from "../live/support/Command.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { examplesOf, readEntries } from "../law/Entries.ts"
import { runSnippets } from "../support/Snippets.ts"
import { PYTHON } from "./Environment.ts"

const EXAMPLES = fileURLToPath(new URL("../examples/providers/python", import.meta.url))
const MAIN = fileURLToPath(new URL("../../src/cli/main.ts", import.meta.url))

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

/** What the SDK only declares does nothing. */
const HALF = `from mcp.server.auth.provider import OAuthAuthorizationServerProvider
class Made(OAuthAuthorizationServerProvider):
    async def get_client(self, client_id): ...
    async def register_client(self, client_info): ...
    async def authorize(self, client, params): ...
    async def load_authorization_code(self, client, code): ...
    async def exchange_authorization_code(self, client, code): ...
    async def load_refresh_token(self, client, token): ...
    async def exchange_refresh_token(self, client, token, scopes): ...
    async def load_access_token(self, token): ...
`

const example = (file: string): string => join(EXAMPLES, file)

/** Enough for all of it, also on a machine that is busy with other things. */
const BUDGET_MILLIS = 600_000

const check = (module: string, attribute: string, options: ProviderOptions = {}): Promise<KitReport> =>
  checkPythonProvider({ module, attribute, python: PYTHON }, { budgetMillis: BUDGET_MILLIS, ...options })

const brokenIn = ({ results }: KitReport): ReadonlyArray<string> =>
  results.filter(({ verdict }) => verdict === "broken").map(({ promise }) => promise)
const keptIn = ({ results }: KitReport): ReadonlyArray<string> =>
  results.filter(({ verdict }) => verdict === "kept").map(({ promise }) => promise)

/** What FastMCP's provider breaks, by the row of the contract (part B) that says how it was seen. */
const rows: Readonly<Record<string, string>> = {
  ReadsChangeNothing: "B1: verifying an expired access token deletes the refresh token",
  OnlyTheOwnerCanHarm: "B2: another client can post that expired token to revocation and end the session",
  ReplayKillsGrant: "B3: a replayed code is refused, and what was issued lives on",
  ReuseKillsGrant: "B3: a reused refresh token is refused, and what was issued lives on",
  RotationIsLinear: "B4: exchange trusts its argument, twice",
  RevocationIsFinal: "B4: exchange trusts its argument, after revocation",
  BoundMeansBound: "B4: exchange trusts its argument, for another client",
  RetryIsIdempotent: "B5: parallel refreshes succeed, each with a successor of its own",
  RefreshKeepsTheGrant: "B6: narrowing scope at refresh is permanent",
  ExpiryIsExact: "B12: valid at exactly expires_at",
  ClientIdIsCreatedOnce: "B13: registering an existing id overwrites it",
}

describe("FastMCP's InMemoryOAuthProvider", () => {
  it("is convicted of what the contract says of it, and of nothing else", async () => {
    const report = await check("fastmcp.server.auth.providers.in_memory", "InMemoryOAuthProvider")
    expect(brokenIn(report).toSorted()).toEqual(Object.keys(rows).toSorted())
    expect(report.subject).toBe("python:fastmcp.server.auth.providers.in_memory:InMemoryOAuthProvider")
    expect(report.capabilities).toMatchObject({ clock: "turned: for all of Python", refresh: "rotating" })
  })
})

describe("a sound provider", () => {
  it("is acquitted, and is tried on what races, clocks and strangers can do", async () => {
    const report = await check(example("sound.py"), "SoundProvider")
    expect(brokenIn(report)).toEqual([])
    const tried = ["CodeIsSingleUse", "RotationIsLinear", "RevocationIsFinal", "ExpiryIsExact", "ReadsChangeNothing"]
    expect(keptIn(report)).toEqual(expect.arrayContaining(tried))
  })

  it.each(["ByDatetime", "ByMonotonicClock", "ByTimers", "Slow", "InAnotherThread", "ExpiryLeftToHandler"])(
    "is acquitted in its own way: %s",
    async (attribute) => {
      const report = await check(example("policies.py"), attribute, {
        only: ["ExpiryIsExact", "RotationIsLinear"],
        // The trials alone: what is drawn besides takes those that wait for long too long.
        seedCount: 0,
      })
      expect(keptIn(report)).toEqual(["RotationIsLinear", "ExpiryIsExact"])
    },
  )

  it("is the same each time: the same calls meet in the same way", async () => {
    const [first, second] = [
      await check(example("faults.py"), "CheckThenSet", { only: ["CodeIsSingleUse"] }),
      await check(example("faults.py"), "CheckThenSet", { only: ["CodeIsSingleUse"] }),
    ]
    const seen = ({ operationCount, results }: KitReport) => {
      const { path, steps } = results[0]!.counterexample!
      return [operationCount, path, steps.map(({ text, observed }) => [text, observed])]
    }
    expect(seen(second)).toEqual(seen(first))
  })
})

describe("a provider with one fault", () => {
  it.each([
    // Two redemptions of one code are two families of refresh tokens.
    ["CheckThenSet", ["CodeIsSingleUse", "RotationIsLinear"]],
    ["LockedTooLate", ["RotationIsLinear", "RetryIsIdempotent"]],
    ["ASecondTooLong", ["ExpiryIsExact"]],
    ["KeyLookup", ["EveryCallIsAnswered"]],
  ])("%s is convicted of that, and of nothing else", async (attribute, broken) => {
    expect(brokenIn(await check(example("faults.py"), attribute))).toEqual(broken)
  })
})

describe("the command", () => {
  it("finds a package in its folder, the environment beside it, and keeps what is printed out of the report", async () => {
    mkdirSync(folder.at("app", "my_package"), { recursive: true })
    symlinkSync(dirname(dirname(PYTHON)), folder.at("app", ".venv"))
    copyFileSync(example("sound.py"), folder.at("app", "sound.py"))
    copyFileSync(example("policies.py"), folder.at("app", "my_package", "auth.py"))
    writeFileSync(folder.at("app", "my_package", "__init__.py"), "")
    appendFileSync(folder.at("app", "my_package", "auth.py"), "\n\nasync def make_provider():\n    return Loud()\n")
    const options = { env: { VIRTUAL_ENV: "" }, cwd: folder.at("app") }
    const flags = ["--json", "--seeds", "1", "--only", "ReplayKillsGrant", "--budget", "600"]
    const ran = await grantlog(["check", "python:my_package.auth:make_provider", ...flags], options)
    const subject = "python:my_package.auth:make_provider"
    expect(JSON.parse(ran.stdout)).toMatchObject({ subject, results: [{ verdict: "kept" }] })
    expect(ran.stderr).toContain("\nto the storage\nand back\n")
    expect(ran.code).toBe(0)
  })

  it("leaves a test for pytest that fails, and passes once the promise is kept", async () => {
    for (const name of ["sound.py", "faults.py"]) copyFileSync(example(name), folder.at(name))
    const written = folder.at("test_auth.py")
    const provider = folder.at("auth.py")
    writeFileSync(provider, "from faults import CheckThenSet as make_provider\n")
    const flags = ["--python", PYTHON, "--only", "CodeIsSingleUse", "--write-test", written]
    const ran = await grantlog(["check", `python:${provider}:make_provider`, ...flags])
    expect(ran.stdout).toMatch(/^CodeIsSingleUse +broken/m)
    expect(ran.stdout).toContain(`again: grantlog check python:${provider}:make_provider --python ${PYTHON} --seed 1`)
    expect(ran.code).toBe(1)
    const text = readFileSync(written, "utf8")
    expect(text).toContain("def test_code_is_single_use():")
    expect(text).not.toContain(`"${PYTHON}"`)

    // `npx grantlog` of this checkout.
    writeFileSync(folder.at("npx"), `#!/bin/sh\nshift 2\nexec "${process.execPath}" "${MAIN}" "$@"\n`)
    chmodSync(folder.at("npx"), 0o755)
    const env = { ...process.env, PATH: `${folder.at(".")}:${process.env["PATH"]}` }
    const pytest = () =>
      promisify(execFile)(PYTHON, ["-m", "pytest", "-q", "-p", "no:cacheprovider", written], {
        env,
        cwd: folder.at("."),
      })
    await expect(pytest()).rejects.toMatchObject({ stdout: expect.stringContaining("CodeIsSingleUse is broken") })
    writeFileSync(provider, "from sound import SoundProvider as make_provider\n")
    expect((await pytest()).stdout).toContain("1 passed")
  })
})

describe("what cannot be checked ends with 2 and a sentence", () => {
  const START = `import asyncio, os, sys, time
sys.path.insert(0, ${JSON.stringify(EXAMPLES)})
from sound import SoundProvider
`
  const refreshing = (body: string) =>
    `${START}class Made(SoundProvider):\n    async def exchange_refresh_token(self, *given):\n        ${body}\n`

  const fileOf = (name: string, source: string): string => {
    const file = folder.at(`${name.replaceAll(" ", "_")}.py`)
    writeFileSync(file, source)
    return file
  }

  it.each<readonly [string, string, RegExp]>([
    ["an import that fails", "import nothing_like_it", /`.+` has no module `nothing_like_it`: name the interpreter/],
    ["a module that raises", "raise ValueError('no\\nway')", /cannot be imported: ValueError: no way \(.+, line 1\)$/],
    ["another name", `${START}class Other(SoundProvider): pass`, /has no `Made`; it has Other$/],
    ["a value", "Made = 3", /is no function, no class and no provider, but int$/],
    ["no provider", "class Made: pass", /makes is not a provider: it has no get_client, no register_client, no/],
    ["half of one", HALF, /is not a provider: it has no revoke_token$/],
    ["a factory with wishes", "def Made(database): pass", /wants `database`: name a function that takes nothing and/],
    ["a factory that raises", "def Made(): raise OSError('full')", /threw OSError: full \(.+, line 1\)$/],
    ["the same again", `${START}one = SoundProvider()\ndef Made(): return one`, /is the same provider each time: name/],
    ["a hard exit", refreshing("os._exit(7)"), /^Python ended in `exchange_refresh_token` with code 7$/],
    ["a module that leaves", "import sys\nsys.exit(1)", /cannot be imported: SystemExit: 1 \(.+, line 2\)$/],
  ])("%s", async (name, source, sentence) => {
    await expect(check(fileOf(name, source), "Made", { only: ["RotationIsLinear"] })).rejects.toThrow(sentence)
  })

  it.each<readonly [string, string, RegExp]>([
    ["an exit", refreshing("sys.exit(4)"), /^grantlog: it ended Python in `exchange_refresh_token`: SystemExit: 4 \(/],
    [
      "a wait for nothing",
      refreshing("await asyncio.Event().wait()"),
      /`exchangeRefreshToken` of the provider did not ans/,
    ],
    ["a busy loop", refreshing("while True: pass"), /^grantlog: the provider hangs in `exchange_refresh_token`: it/],
  ])("%s", async (name, source, sentence) => {
    const target = `python:${fileOf(name, source)}:Made`
    const ran = await grantlog(["check", target, "--python", PYTHON, "--seeds", "1", "--only", "RotationIsLinear"])
    expect(ran.stderr.trimEnd().split("\n").at(-1)).toMatch(sentence)
    expect(ran.code).toBe(2)
  })

  it.each([
    ["no module", ["no.such", "make"], /^there is no module `no` in this folder, nor for `.+`$/],
    ["no file", ["./no_such.py", "make"], /^there is no file `.+no_such\.py`$/],
  ] as const)("%s", async (_, [module, attribute], sentence) => {
    await expect(check(module, attribute)).rejects.toThrow(sentence)
  })
})

it("the example of checkPythonProvider checks a provider beside it, by the active environment", async () => {
  const snippet = {
    name: "checkPythonProvider",
    text: examplesOf(readEntries()).get("checkPythonProvider")!,
    beside: {
      "sound.py": readFileSync(example("sound.py"), "utf8"),
      "my_auth.py": "from sound import SoundProvider as make_provider\n",
    },
    ending: 'if (report.results.some(({ verdict }) => verdict === "broken")) throw new Error("broken")',
  }
  const ran = await runSnippets([snippet], { VIRTUAL_ENV: dirname(dirname(PYTHON)) })
  expect(ran.get(snippet.name)).toBe("RAN")
})
