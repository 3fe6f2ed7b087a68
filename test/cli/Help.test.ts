/** Item 20: what the help says of every flag, and what is said of a flag or variable that does not do. */
import * as NodeServices from "@effect/platform-node/NodeServices"
import { Effect, Layer } from "effect"
import { CliOutput, Command, type HelpDoc } from "effect/cli"
import { beforeAll, describe, expect, it, onTestFinished } from "vitest"
import { grantlogFor } from "../../src/cli/commands/index.ts"
import { byFlag } from "../../src/cli/ConfigFlags.ts"
import { bySource } from "../../src/cli/Flags.ts"
import { invocationFault } from "../../src/cli/Invocation.ts"
import { settingsOf, type Config, type ConfigFault } from "../../src/provider/index.ts"

interface Said {
  readonly help: HelpDoc.HelpDoc | undefined
  readonly faults: ReadonlyArray<string>
}

/** Runs a call that asks for help, or cannot be understood. */
const call = async (...args: ReadonlyArray<string>): Promise<Said> => {
  let said: Said = { help: undefined, faults: [] }
  const presenter = CliOutput.layerPresenter({
    present: (event) =>
      Effect.sync(() => {
        if (event._tag === "Help") said = { help: event.helpDoc, faults: [] }
        if (event._tag === "InvalidInvocation") {
          said = { help: event.helpDoc, faults: event.errors.map((error) => bySource(invocationFault(error), args)) }
        }
      }),
  })
  const run = Command.runWith(await grantlogFor(args), { version: "0" })([...args])
  await Effect.runPromise(Effect.ignore(Effect.provide(run, Layer.merge(presenter, NodeServices.layer))))
  return said
}

interface Documented {
  readonly path: ReadonlyArray<string>
  readonly help: HelpDoc.HelpDoc
}

const withEnvironment = (name: string, value: string): void => {
  const before = process.env[name]
  process.env[name] = value
  onTestFinished(() => {
    if (before === undefined) delete process.env[name]
    else process.env[name] = before
  })
}

/** Every command that does something. */
let commands: ReadonlyArray<Documented>

beforeAll(async () => {
  const walk = async (path: ReadonlyArray<string>): Promise<ReadonlyArray<Documented>> => {
    const { help } = await call(...path, "--help")
    const below = (help!.subcommands ?? []).flatMap((group) => group.commands.map(({ name }) => name))
    if (below.length === 0) return [{ path, help: help! }]
    return (await Promise.all(below.map((name) => walk([...path, name])))).flat()
  }
  commands = await walk([])
})

const descriptionOf = ({ description }: HelpDoc.FlagDoc): string =>
  description._tag === "Some" ? description.value : ""

describe("item 20: the help", () => {
  it("says of every flag of every command its default, or that it is required", () => {
    expect(commands.length).toBeGreaterThan(30)
    const flags = commands.flatMap(({ path, help }) =>
      help.flags.map((flag) => ({ ...flag, description: descriptionOf(flag), at: [...path, flag.name].join(" ") })),
    )
    expect(flags.length).toBeGreaterThan(200)
    for (const { at, description } of flags) {
      expect(description, at).toMatch(/\bdefault\b|\(required\)/)
      expect(description, at).not.toMatch(/unless (?:told|given|set)|if not given/)
    }
    const said = (name: string) => flags.find(({ at }) => at === name)?.description
    expect(said("serve port")).toBe("the port to listen on; 0 chooses a free one (GRANTLOG_PORT; default: 4000)")
    expect(said("serve request-origin")).toMatch(/\(GRANTLOG_REQUEST_ORIGIN; default: on\)$/)
    expect(said("serve logo")).toMatch(/\(GRANTLOG_LOGO; default: none\)$/)
    expect(said("history json")).toBe("print JSON, for programs (default: off)")
    expect(said("history grant")).toBe("only of this grant (default: all)")
    expect(said("check only")).toMatch(/ \(default: all\)$/)
    expect(said("client add redirect-uri")).toMatch(/ \(default: none\)$/)
    expect(said("login scopes")).toMatch(/\(GRANTLOG_SCOPES; default: none\)$/)
    expect(said("verify-proof key")).toMatch(/ \(required\)$/)
    for (const list of ["client list", "grant list", "user list"]) {
      expect(said(`${list} limit`)).toMatch(/ \(default: 100\)$/)
    }
    expect(said("history limit")).toMatch(/ \(default: 100\)$/)
    expect(said("grant show limit")).toMatch(/ \(default: 200\)$/)
    expect(said("serve host")).toBe("the address to listen on; by default both loopbacks (GRANTLOG_HOST)")
  })
})

describe("item 20: a variable that does not do", () => {
  it("is named with its value and with what would do, for each flag that has one", async () => {
    let triedCount = 0
    for (const { path, help } of commands) {
      for (const flag of help.flags) {
        const variable = /\((GRANTLOG_\w+)/.exec(descriptionOf(flag))?.[1]
        if (variable === undefined || flag.type === "string") continue
        withEnvironment(variable, "abc")
        const required = help.flags.filter((one) => descriptionOf(one).endsWith(" (required)"))
        const rest = required.flatMap(({ name }) => [`--${name}`, "x"])
        const { faults } = await call(...path, ...rest, ...(help.args ?? []).map(() => "x"))
        delete process.env[variable]
        expect(faults, `${path.join(" ")} --${flag.name}`).toEqual([
          expect.stringMatching(
            new RegExp(`^${variable} is \`abc\`: give (?:a whole number|true or false|[\\w-]+(?: or [\\w-]+)*)$`),
          ),
        ])
        triedCount++
      }
    }
    expect(triedCount).toBeGreaterThan(15)
  })

  it("is read as the flag is, and only where the flag is not given; an empty one says nothing", async () => {
    withEnvironment("GRANTLOG_TOKEN_RATE", "5/h")
    expect((await call("serve")).faults).toEqual(["GRANTLOG_TOKEN_RATE is `5/h`: give N/min with N from 1 on, or off"])
    expect((await call("serve", "--token-rate", "6/h")).faults).toEqual([
      "--token-rate is `6/h`: give N/min with N from 1 on, or off",
    ])
    withEnvironment("GRANTLOG_TOKEN_RATE", "")
    withEnvironment("GRANTLOG_LOGIN_RATE", "0")
    expect((await call("serve")).faults).toEqual([
      "GRANTLOG_LOGIN_RATE is `0`: give a value greater than or equal to 1",
    ])
    expect((await call("serve", "--login-rate=0")).faults[0]).toMatch(/^--login-rate is `0`/)
    withEnvironment("GRANTLOG_CHECKPOINT_INTERVAL", "-5")
    expect((await call("serve", "--login-rate", "1")).faults[0]).toMatch(/^GRANTLOG_CHECKPOINT_INTERVAL is `-5`: give/)
  })

  it("takes the place of its flag in any sentence, and of no other flag", () => {
    withEnvironment("GRANTLOG_PORT", "99999")
    expect(bySource("--port `1` and --portal, --json", [])).toBe("GRANTLOG_PORT `1` and --portal, --json")
    expect(bySource("--port `1`", ["--port", "1"])).toBe("--port `1`")
    expect(bySource("--port `1`", ["--port=1"])).toBe("--port `1`")
    withEnvironment("GRANTLOG_JSON", "x")
    expect(bySource("--json", [])).toBe("--json")
    withEnvironment("GRANTLOG_REQUEST_ORIGIN", "no")
    expect(bySource("--no-request-origin", [])).toBe("GRANTLOG_REQUEST_ORIGIN")
  })
})

describe("item 20: what does not do as a flag or argument", () => {
  it.each<readonly [ReadonlyArray<string>, string]>([
    [["serve", "--port", "many"], "--port is `many`: give a whole number"],
    [["serve", "--port", ""], "--port needs a value: give a whole number"],
    [["serve", "--registration", "maybe"], "--registration is `maybe`: give open or invited or off"],
    [["serve", "--console=maybe"], "--console is `maybe`: give true or false"],
    [["history", "--limit", "0"], "--limit is `0`: give a value between 1 and 10000"],
    [["user", "add", " x"], "<name> is ` x`: give a name of characters that can be seen, without spaces around it"],
    [["serve", "--port", "9".repeat(99)], `--port is \`${"9".repeat(63)}…\`: give a whole number`],
  ])("%j", async (args, sentence) => {
    expect((await call(...args)).faults).toEqual([sentence])
  })

  it.each<readonly [Partial<Config>, string]>([
    [{ lifetimes: { accessToken: 0 } }, "--access-token-ttl is `0`: give a value between 1 and 315360000"],
    [{ lifetimes: { code: 601 } }, "--code-ttl is longer than 600 seconds"],
    [
      { retryWindow: { public: -1, confidential: 1 } },
      "--refresh-retry-window is `-1`: give a value between 0 and 86400",
    ],
    [{ lifetimes: { accessToken: 20 } }, "--refresh-retry-window must be shorter than --access-token-ttl"],
    [{ session: { idle: 2, absolute: 1 } }, "--session-idle is longer than --session-max"],
    [{ defaultScopes: ["x"] }, "--default-scopes has a scope that --scopes has not"],
    [{ scopes: ['"'] }, '--scopes is `"`: give a scope of printable ASCII without spaces, quotes and backslashes'],
    [{ logo: "x" }, "--logo is `x`: give an address that begins with https://, or data:image/…;base64,…"],
    [{ issuer: "logo scopes" }, "--issuer `logo scopes` is not a URL"],
    [{ appSchemes: ["A"] }, "--app-schemes is `A`: give a scheme in small letters, digits, + and -"],
    [{ scopeDescriptions: { a: 1 as unknown as string } }, "--scope-descriptions is `1`: give text"],
    [{ resources: ["x"] }, "--resource is `x`: give an absolute URI without fragment and user information"],
    [
      { autoApprove: " a" },
      "--auto-approve is ` a`: give a name of characters that can be seen, without spaces around it",
    ],
    [{ maxDynamicClients: -1 }, "--max-dynamic-clients is `-1`: give a value greater than or equal to 0"],
  ])("configuration %j is told by the flag that sets it", (more, sentence) => {
    const config = { issuer: "http://localhost:4000", ...more }
    expect(() => settingsOf(config)).toThrow()
    try {
      settingsOf(config)
    } catch (fault) {
      expect(byFlag(fault as ConfigFault, config).message).toBe(sentence)
    }
  })
})
