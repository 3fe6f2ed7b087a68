/** `grantlog check`: which flags go with which target, and which with one another; the others are refused in a sentence. */
import { beforeAll, describe, expect, it } from "vitest"
import { grantlogHere } from "../../live/support/InProcess.ts"

const check = (...args: ReadonlyArray<string>) => grantlogHere(["check", ...args])

beforeAll(async () => {
  await check()
})

describe("what cannot be meant", () => {
  const HERE = "http://localhost:1"
  /** A file that is there: what is in it is not looked at. */
  const MODULE = "package.json"
  it.each<readonly [ReadonlyArray<string>, string]>([
    [[MODULE, "--budget", "0"], "--budget is at least one second"],
    [[MODULE, "--seeds", "0"], "--seeds is at least one"],
    ...["a.test.cjs", "b.cts"].map(
      (name) =>
        [
          [MODULE, "--write-test", name],
          "--write-test: the test is an ES module, so name it .mjs, .js or .ts",
        ] as const,
    ),
    [[MODULE, "--python", "python3"], "--python: only for a provider in Python"],
    [
      [MODULE, "--auto", "--rate", "3", "--resource-url", "http://a.example", "--login-command", "x"],
      "--auto, --rate, --resource-url, --login-command: only for the URL of an issuer",
    ],
    [
      [MODULE, "--token-endpoint", "x", "--i-may-test-this-host"],
      "--token-endpoint, --i-may-test-this-host: only for the URL of an issuer",
    ],
    [["python:a:b", "--auto"], "--auto: only for the URL of an issuer"],
    [[HERE, "--export", "make", "--seeds", "2"], "--export, --seeds: only for a module"],
    [["https://id.example:8443"], "`id.example:8443` is not on this machine: add --i-may-test-this-host if you may"],
    [
      [MODULE, "--write-test", "/nowhere/a.cjs.mjs"],
      "--write-test `/nowhere/a.cjs.mjs` cannot be written: ENOENT: no such file or directory, access '/nowhere'",
    ],
    [[HERE, "--rate", "1", "--client-secret", "s"], "--client-secret is a secret of --client-id, which is missing"],
    [[HERE, "--rate", "0"], "--rate is between 1 and 50"],
    [[HERE, "--rate", "51"], "--rate is between 1 and 50"],
    [[HERE, "--client-secret", "s"], "--client-secret is a secret of --client-id, which is missing"],
    [[HERE, "--auto", "--login-command", "x"], "--auto and --login-command: one of them signs in"],
    [
      [HERE, "--html", "/nowhere/at/all.html"],
      "--html `/nowhere/at/all.html` cannot be written: ENOENT: no such file or directory, access '/nowhere/at'",
    ],
    [
      [HERE, "--write-test", "/nowhere/at/all.test.ts"],
      "--write-test `/nowhere/at/all.test.ts` cannot be written: ENOENT: no such file or directory, access '/nowhere/at'",
    ],
    [
      ["python:a:b", "--python", "./nowhere"],
      "Python cannot be run: spawn ./nowhere ENOENT; name an interpreter with --python",
    ],
  ])("%j is refused in a sentence", async (args, sentence) => {
    expect(await check(...args)).toEqual({ code: 2, stdout: "", stderr: `grantlog: ${sentence}\n` })
  })

  it("is nothing that a variable says about another call", async () => {
    const env = { GRANTLOG_OTHER_CLIENT_ID: "other" }
    const { stderr } = await grantlogHere(["check", MODULE, "--budget", "1", "--auto"], { env })
    expect(stderr).toBe("grantlog: --auto: only for the URL of an issuer\n")
  })
})
