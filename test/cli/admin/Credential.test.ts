/** Where the credential of the admin API comes from, when it is made, and why one is not taken. */
import { chmodSync, existsSync, readFileSync, statSync, writeFileSync } from "node:fs"
import { Effect, Option } from "effect"
import { beforeEach, describe, expect, it, onTestFinished, vi } from "vitest"
import { credentialPlace, openCredential, shownCredential } from "../../../src/cli/admin/Credential.ts"
import { temporaryFolder } from "../../live/support/Folder.ts"

const VARIABLE = "GRANTLOG_ADMIN_CREDENTIAL"
const OWN = "-._~+/" + "aZ09".repeat(7) + "=="

const none = Option.none<string>()
const fails = <A, E extends { readonly _tag: string; readonly message: string }>(effect: Effect.Effect<A, E>) => {
  const { _tag, message } = Effect.runSync(Effect.flip(effect))
  return [_tag, message]
}

const noCredential = (where: string) => [
  "UsageFault",
  `${where} is no credential: give at least 32 characters out of A-Z a-z 0-9 - . _ ~ + /`,
]

const folder = () => {
  const made = temporaryFolder()
  onTestFinished(() => made[Symbol.dispose]())
  return made
}

const written = (text: string, mode = 0o600): string => {
  const file = folder().at("credential")
  writeFileSync(file, text)
  chmodSync(file, mode)
  return file
}

const inEnvironment = (credential: string): void => {
  vi.stubEnv(VARIABLE, credential)
}

beforeEach(() => {
  vi.stubEnv(VARIABLE, undefined)
  return () => vi.unstubAllEnvs()
})

describe("a server", () => {
  it("has it where it was told to, else in the environment, else beside its store", () => {
    const place = (given: Option.Option<string>, file: string | undefined) =>
      Effect.runSync(credentialPlace(given, { file }))
    expect(place(none, "/a/grantlog.db")).toEqual({ file: "/a/grantlog.db.admin-credential" })
    inEnvironment("")
    expect(place(none, "/a/grantlog.db")).toEqual({ file: "/a/grantlog.db.admin-credential" })
    inEnvironment(OWN)
    expect(place(none, "/a/grantlog.db")).toEqual({ file: undefined })
    expect(place(Option.some("/b"), "/a/grantlog.db")).toEqual({ file: "/b" })
  })

  it("is told to give it one where nothing lies beside its store", () => {
    expect(fails(credentialPlace(none, { file: undefined }))).toEqual([
      "UsageFault",
      `--admin-port needs --admin-credential-file with this store, a file that is made at the first start, or ${VARIABLE}`,
    ])
  })

  it("takes none from the environment that is none, before anything is opened", () => {
    inEnvironment("short")
    expect(fails(credentialPlace(none, { file: undefined }))).toEqual(noCredential(VARIABLE))
    expect(fails(openCredential({ file: undefined }))).toEqual(noCredential(VARIABLE))
    inEnvironment("")
    expect(fails(openCredential({ file: undefined }))).toEqual(noCredential(VARIABLE))
    inEnvironment(` ${OWN}\n`)
    expect(Effect.runSync(openCredential({ file: undefined }))).toBe(OWN)
  })

  it("makes one of 256 random bits for its owner alone, once", () => {
    const file = folder().at("credential")
    const made = Effect.runSync(openCredential({ file }))
    expect(made).toMatch(/^[\w-]{43}$/)
    expect([readFileSync(file, "utf8"), statSync(file).mode & 0o777]).toEqual([`${made}\n`, 0o600])
    expect(Effect.runSync(openCredential({ file }))).toBe(made)
    expect(Effect.runSync(openCredential({ file: `${file}.other` }))).not.toBe(made)
  })

  it("makes none where it cannot", () => {
    const file = folder().at("no", "credential")
    expect(fails(openCredential({ file }))).toEqual([
      "CommandFault",
      `no admin credential can be made at \`${file}\` (ENOENT)`,
    ])
    expect(existsSync(file)).toBe(false)
  })
})

describe("a file of a credential", () => {
  it.each([
    ["a line", `${OWN}\n`, OWN],
    ["32 characters", "a".repeat(32), "a".repeat(32)],
    ["spaces around it", ` \t${OWN} \n\n`, OWN],
  ])("has it as %s", (_, text, credential) => {
    const file = written(text)
    expect(Effect.runSync(shownCredential(Option.some(file)))).toBe(credential)
    expect(Effect.runSync(openCredential({ file }))).toBe(credential)
  })

  it.each([
    ["31 characters", "a".repeat(31)],
    ["nothing", ""],
    ["a space in it", `${"a".repeat(20)} ${"a".repeat(20)}`],
    ["what no header takes, in front", `"${OWN}`],
    ["what no header takes, behind", `${OWN}"`],
    ["more than 1024 bytes", "a".repeat(1025)],
  ])("has none with %s", (_, text) => {
    const file = written(text)
    expect(fails(shownCredential(Option.some(file)))).toEqual(noCredential(`\`${file}\``))
  })

  it("has one of 1024 characters", () => {
    expect(Effect.runSync(shownCredential(Option.some(written("a".repeat(1024)))))).toHaveLength(1024)
  })

  it.each([0o604, 0o640, 0o601])("is not read where others may use it as well: %o", (mode) => {
    const file = written(OWN, mode)
    const message = `other users can read the admin credential \`${file}\`: chmod 600 it, or delete it for a new one if they may have`
    expect(fails(shownCredential(Option.some(file)))).toEqual(["CommandFault", message])
    expect(fails(openCredential({ file }))).toEqual(["CommandFault", message])
  })

  it("says what keeps it from being read", () => {
    const file = folder().at("credential")
    const reason = (path: string, code: string) => [
      "CommandFault",
      `the admin credential \`${path}\` cannot be read (${code})`,
    ]
    expect(fails(shownCredential(Option.some(file)))).toEqual(reason(file, "ENOENT"))
    const made = folder().at()
    expect(fails(shownCredential(Option.some(made)))).toEqual(reason(made, "EISDIR"))
  })
})

describe("a command", () => {
  it("shows the one of its file, else that of the environment, else says how to give one", () => {
    expect(fails(shownCredential(none))).toEqual([
      "UsageFault",
      `--admin needs a credential: name the file of it with --admin-credential-file, or set ${VARIABLE}`,
    ])
    inEnvironment(OWN)
    expect(Effect.runSync(shownCredential(none))).toBe(OWN)
    expect(Effect.runSync(shownCredential(Option.some(written("f".repeat(40)))))).toBe("f".repeat(40))
    inEnvironment("short")
    expect(fails(shownCredential(none))).toEqual(noCredential(VARIABLE))
  })
})
