/** The configuration file: it says what flags say, it comes after them, and what is wrong in it is told by its own names. */
import { writeFileSync } from "node:fs"
import { Effect } from "effect"
import { afterAll, describe, expect, it } from "vitest"
import { readConfiguration } from "../../src/cli/ConfigurationFile.ts"
import { namesOf } from "../../src/cli/Defaults.ts"
import { settingsAmong } from "../../src/cli/Flags.ts"
import { serveFlags } from "../../src/cli/ServeFlags.ts"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere } from "../live/support/InProcess.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const file = (name: string, text: string): string => {
  const path = folder.at(name)
  writeFileSync(path, text)
  return path
}

/** What is told of a file, with its path as `FILE`. */
const told = async (name: string, text: string, ...args: ReadonlyArray<string>): Promise<string> => {
  const path = file(name, text)
  const command = args.length === 0 ? ["client", "list", "--store", `sqlite:${folder.at("none.db")}`] : args
  const { code, stdout, stderr } = await grantlogHere([...command, "--config", path])
  expect([code, stdout]).toEqual([2, ""])
  return stderr.replaceAll(path, "FILE").trim()
}

describe("a configuration file", () => {
  it("is JSON where its name says so", async () => {
    const text = JSON.stringify({ store: `sqlite:${folder.at("other.db")}`, scopes: ["read"], port: 4001 })
    const config = file("grantlog.json", text)
    const { code, stderr } = await grantlogHere(["user", "list", "--config", config])
    expect([code, stderr]).toEqual([1, expect.stringContaining("other.db")])
  })

  it("comes after a flag and after a variable, and before the default", async () => {
    const config = file("order.yaml", `store: sqlite:${folder.at("of-file.db")}\n`)
    const storeOf = async (args: ReadonlyArray<string>, env: Readonly<Record<string, string>>) =>
      /[a-z-]+(?=\.db)/.exec((await grantlogHere(["user", "list", ...args], { env })).stderr)?.[0]
    const variable = { GRANTLOG_STORE: `sqlite:${folder.at("of-variable.db")}`, GRANTLOG_CONFIG: config }
    expect(await storeOf(["--store", `sqlite:${folder.at("of-flag.db")}`], variable)).toBe("of-flag")
    expect(await storeOf([], variable)).toBe("of-variable")
    expect(await storeOf([], { GRANTLOG_CONFIG: config })).toBe("of-file")
    expect(await storeOf([`--config=${config}`], { GRANTLOG_CONFIG: folder.at("not-there.yaml") })).toBe("of-file")
  })

  it("that says nothing changes nothing", async () => {
    const { stderr } = await grantlogHere(["user", "list", "--config", file("empty.yaml", "# nothing yet\n")])
    expect(stderr).toContain("grantlog.db")
  })
})

describe("what a configuration file says", () => {
  const read = (path: string | undefined) => Effect.runPromise(readConfiguration(path))

  it("is each setting as the flag would be given it", async () => {
    const path = file(
      "each.yaml",
      [
        "store: sqlite:x.db",
        "port: 4001",
        "cimd: true",
        "scopes: [read, 2, write]",
        "scope-descriptions: {read: x}",
      ].join("\n"),
    )
    const configuration = await read(path)
    expect([configuration?.file, Object.fromEntries(configuration!.values)]).toEqual([
      path,
      {
        store: "sqlite:x.db",
        port: "4001",
        cimd: "true",
        scopes: "read 2 write",
        "scope-descriptions": '{"read":"x"}',
      },
    ])
  })

  it("is nothing where there is none", async () => {
    expect(await read(undefined)).toBeUndefined()
  })
})

describe("what is wrong in a configuration file", () => {
  const blank = "\n".repeat(11)
  it.each([
    ["no.yaml", "port: [1", "--config is `FILE`: give a file of valid YAML; it is none at offset 2 (try "],
    [
      "long.yaml",
      "scopes: [a, b, c, d, e, f",
      "--config is `FILE`: give a file of valid YAML; it is none at offset 17 (try ",
    ],
    ["twice.yaml", "port: 1\nport: 2", "--config is `FILE`: give a file of valid YAML; it is none at line 2 (try "],
    [
      "late.yaml",
      `${blank}port: 1\nport: 2`,
      "--config is `FILE`: give a file of valid YAML; it is none at line 13 (try ",
    ],
    ["open.yaml", 'store: "hunter2', "--config is `FILE`: give a file of valid YAML (try "],
    ["end.json", "", "--config is `FILE`: give a file of valid JSON (try "],
    ["none.yaml", 'scopes: ["", a]', "give a value for `scopes`"],
    ["some.yaml", "scopes: [a, b c]", "give a value for `scopes`"],
    [
      "no.json",
      '{"store": "postgres://user:hunter2@db/x',
      "--config is `FILE`: give a file of valid JSON; it is none at line 1 column 40 (try ",
    ],
    ["list.yaml", "- port", "--config is `FILE`: give a file with one setting a line, `name: value`"],
    ["text.json", '"hunter2"', "--config is `FILE`: give a file with one setting a line, `name: value`"],
    ["name.yaml", "prot: 4000", "by the names of its flags; `prot` is none"],
    ["once.yaml", "accept-rollback: true", "by the names of its flags; `accept-rollback` is none"],
    ["itself.yaml", "config: other.yaml", "by the names of its flags; `config` is none"],
    ["proto.yaml", "__proto__: 1", "by the names of its flags; `__proto__` is none"],
    [
      "null.yaml",
      "scopes:",
      "give a value for `scopes`: a number, true or false, a text, a list of words, or a mapping",
    ],
    ["deep.yaml", "scopes: [[hunter2]]", "give a value for `scopes`"],
    ["words.yaml", "scopes: [hunter2 x]", "give a value for `scopes`"],
  ])("is told in a sentence that repeats no value, with exit code 2: %s", async (name, text, sentence) => {
    const said = await told(name, text)
    expect(said).toContain(sentence)
    expect(said).not.toContain("hunter2")
    expect(said.split("\n")).toHaveLength(1)
  })

  it("is a file that is not there, or that is a folder", async () => {
    for (const [path, code] of [
      [folder.at("nowhere.yaml"), "ENOENT"],
      [folder.at("."), "EISDIR"],
    ] as const) {
      const { stderr } = await grantlogHere(["user", "list", "--config", path])
      expect(stderr).toContain(`give a file that can be read (${code})`)
    }
  })

  it("is told by the name that a setting has there, by whoever judges it", async () => {
    expect(await told("a.yaml", "port: abc", "serve")).toMatch(/^grantlog: port in FILE is `abc`: give a whole number/)
    expect(await told("b.yaml", "token-rate: 5/h", "serve")).toMatch(
      /^grantlog: token-rate in FILE is `5\/h`: give N\/min/,
    )
    expect(await told("c.yaml", "port: 70000", "serve")).toMatch(/^grantlog: port in FILE `70000` is not between/)
    expect(await told("d.yaml", "dpop: sometimes", "serve")).toMatch(/^grantlog: dpop in FILE is `sometimes`: give /)
  })

  it("does not keep anybody from the help", async () => {
    const { code, stderr } = await grantlogHere(["serve", "--help", "--config", folder.at("nowhere.yaml")])
    expect([code, stderr]).toEqual([0, ""])
  })
})

it("every flag of `serve` is a setting of the file, but for what one says once", () => {
  const names = namesOf(Object.values(serveFlags))
  const settings = settingsAmong(names)
  expect(names.filter((name) => !settings.has(name))).toEqual(["config", "accept-rollback", "json"])
})
