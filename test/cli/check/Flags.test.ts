/** The flags of `grantlog check`: what they are called, what they are by default, and what is wrong among them. */
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { flags } from "../../../src/cli/check/CheckFlags.ts"
import {
  endpointsIn,
  issuerFlags,
  issuerMisuse,
  openIssuerFlags,
  type IssuerFlags,
} from "../../../src/cli/check/IssuerFlags.ts"
import { misuseOfPython, parsePython } from "../../../src/cli/check/Python.ts"
import { defaultOf, namesOf } from "../../../src/cli/Defaults.ts"
import { grantlogHere } from "../../live/support/InProcess.ts"

const some = Option.some<string>
const kebab = (name: string) => name.replaceAll(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)

it("each has the name of what it sets, and is nothing where it is not given, but for these", () => {
  const { target: _, ...all } = flags
  const named = Object.entries(all).map(([name, flag]) => [name, namesOf([flag])[0], defaultOf(flag)] as const)
  const called = (name: string) => (name === "mayTestHost" ? "i-may-test-this-host" : kebab(name))
  expect(named.map(([, flag]) => flag)).toEqual(named.map(([name]) => called(name)))
  const said = named.flatMap(([name, , value]) =>
    Option.isOption(value) && Option.isNone(value) ? [] : [[name, value]],
  )
  expect(Object.fromEntries(said)).toEqual({
    ...{ export: "default", only: [], json: false, force: false, auto: false, mayTestHost: false },
  })
})

describe("of an issuer", () => {
  const none = Object.fromEntries(Object.keys(issuerFlags).map((name) => [name, Option.none()])) as IssuerFlags
  const endpoints = {
    authorizationEndpoint: some("https://a/"),
    tokenEndpoint: some("https://b/"),
    registrationEndpoint: some("https://c/"),
    revocationEndpoint: some("https://d/"),
    introspectionEndpoint: some("https://e/"),
    userinfoEndpoint: some("http://f/"),
    pushedAuthorizationRequestEndpoint: some("HTTPS://g/"),
  }

  it("endpoints are known by the names of their metadata, and those that are said again by their flags", () => {
    const all = {
      ...none,
      ...endpoints,
      loginCommand: some("login"),
      otherClientId: some("o"),
      otherClientSecret: some("s"),
    }
    expect(endpointsIn(none)).toEqual({})
    expect(endpointsIn(all)).toEqual({
      ...{ authorization: "https://a/", token: "https://b/", registration: "https://c/", revocation: "https://d/" },
      ...{ introspection: "https://e/", userinfo: "http://f/", pushed_authorization_request: "HTTPS://g/" },
    })
    expect(openIssuerFlags(all)).toEqual({
      ...{ "login-command": some("login"), "other-client-id": some("o"), "authorization-endpoint": some("https://a/") },
      ...{ "token-endpoint": some("https://b/"), "registration-endpoint": some("https://c/") },
      ...{ "revocation-endpoint": some("https://d/"), "introspection-endpoint": some("https://e/") },
      ...{ "userinfo-endpoint": some("http://f/"), "pushed-authorization-request-endpoint": some("HTTPS://g/") },
    })
  })

  const SIGNS = "--auto and --login-command: one of them signs in"
  const SECRET = "--other-client-secret is a secret of --other-client-id, which is missing"
  const SECOND = "--other-client-id is a second client: name the first with --client-id"
  it.each<[Partial<IssuerFlags>, boolean, string | undefined, string | undefined]>([
    [{}, false, undefined, undefined],
    [{}, true, "c", undefined],
    [{ loginCommand: some("x") }, false, undefined, undefined],
    [{ loginCommand: some("x") }, true, undefined, SIGNS],
    [{ otherClientSecret: some("s") }, false, "c", SECRET],
    [{ otherClientSecret: some("s"), otherClientId: some("o") }, false, "c", undefined],
    [{ otherClientId: some("o") }, false, undefined, SECOND],
    [endpoints, false, undefined, undefined],
    [{ tokenEndpoint: some("token") }, false, undefined, "--token-endpoint: `token` is no URL"],
    [{ tokenEndpoint: some("ftp://x/http:") }, false, undefined, "--token-endpoint: `ftp://x/http:` is no URL"],
    [
      { pushedAuthorizationRequestEndpoint: some("http://") },
      ...([false, undefined, "--pushed-authorization-request-endpoint: `http://` is no URL"] as const),
    ],
  ])("what contradicts each other is told (%#)", (given, auto, clientId, sentence) => {
    expect(issuerMisuse({ ...none, ...given }, { auto, clientId: Option.fromUndefinedOr(clientId) })).toBe(sentence)
  })
})

describe("of Python", () => {
  const given = { python: Option.none<string>(), writeTest: Option.none<string>(), export: "default" }
  const PYTEST = "--write-test: the test of a provider in Python is for pytest: name a file that ends in .py"
  it.each([
    [false, {}, undefined],
    [false, { export: "x", writeTest: some("a.ts") }, undefined],
    [false, { python: some("python3") }, "--python: only for a provider in Python"],
    [true, {}, undefined],
    [true, { python: some("python3"), writeTest: some("test_a.py") }, undefined],
    [true, { export: "x" }, "--export: what makes a provider in Python is named behind the module"],
    [true, { writeTest: some(".py.ts") }, PYTEST],
  ])("what is for something else is told (%#)", (isTarget, more, sentence) => {
    expect(misuseOfPython(isTarget, { ...given, ...more })).toBe(sentence)
  })

  it.each(["python::make", "python:a:1b", "python:a:b c", "python:a:make.py", "python:a:b-", "python:make"])(
    "`%s` names nothing",
    async (text) => {
      expect(await Effect.runPromise(Effect.flip(parsePython(text)))).toMatchObject({
        message: `\`${text}\` does not say what makes the provider: as in python:my_package.auth:make_provider or python:./my_auth.py:make_provider`,
      })
    },
  )

  it("a name is one in any script, and the scheme is written anyhow", async () => {
    const parsed = (text: string) => Effect.runPromise(parsePython(text))
    expect(await parsed("PYTHON:a:späť_2.x")).toEqual({ _tag: "Python", module: "a", attribute: "späť_2.x" })
    expect(await parsed("python:python:a.py:_b.pyx")).toMatchObject({ module: "python:a.py", attribute: "_b.pyx" })
  })

  it("an interpreter that is not there is told", async () => {
    const { code, stdout, stderr } = await grantlogHere(["check", "python:a:b", "--python", "./nowhere"])
    expect([code, stdout]).toEqual([2, ""])
    expect(stderr).toMatch(/^grantlog: Python cannot be run: spawn \S+ ENOENT; name an interpreter/)
  })
})
