/**
 * What an entry point that has to be light loads: no Effect, no package that is not named here, and where it stands in
 * front of every request of somebody else's program, so many files of ours.
 *
 * A count or a list that grows is a decision: whoever protects a resource or calls one loads all of it.
 */
import { expect, it } from "vitest"
import { loadedBy } from "./Loaded.ts"

it("what is loaded is seen, whoever imports it", () => {
  expect(loadedBy("effect/Effect").packages).toContain("effect")
  const { files, packages } = loadedBy("src/http/pages/PasswordSection.ts")
  expect(packages).toContain("hono")
  expect(files).toContain("src/http/pages/PasswordSection.ts")
})

it.each([
  ["src/protocol/index.ts", []],
  ["src/entry/resource.ts", []],
  ["src/entry/mcp.ts", []],
  ["src/entry/client.ts", ["env-paths", "ipaddr.js", "is-safe-filename", "oauth4webapi"]],
])("%s loads these packages and no others: %j", (entry, packages) => {
  const loaded = loadedBy(entry)
  expect(loaded.packages).toEqual(packages)
  expect(loaded.files.filter((path) => !path.startsWith("src/"))).toEqual([])
})

it.each([
  ["src/protocol/index.ts", 16],
  ["src/entry/resource.ts", 41],
  ["src/entry/mcp.ts", 49],
])("%s loads %i files of ours", (entry, count) => {
  expect(loadedBy(entry).files).toHaveLength(count)
})

it("what judges passkeys is loaded with the first of them, and by no entry", () => {
  expect(loadedBy("@simplewebauthn/server").packages).toContain("@simplewebauthn/server")
  const { packages } = loadedBy("src/entry/grantlog.ts")
  expect(packages).toContain("jose")
  expect(packages).not.toContain("@simplewebauthn/server")
})

it("what speaks to a collector of OpenTelemetry is loaded by a server that was told of one, and by no other", () => {
  const { files } = loadedBy("src/cli/commands/Serve.ts")
  expect(files).toContain("src/cli/observe/OtlpSettings.ts")
  expect(files).not.toContain("src/cli/observe/Otlp.ts")
  expect(files).not.toContain("src/cli/observe/Telemetry.ts")
})
