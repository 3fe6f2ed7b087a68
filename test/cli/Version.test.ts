/** The version is that of the package, and is told in one line without anything being loaded. */
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import { pathToFileURL } from "node:url"
import { expect, it } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { version, versionLine } from "../../src/cli/Version.ts"
import { temporaryFolder } from "../support/TestServer.ts"
import { keptStream, withStreams } from "./SaidHere.ts"

it("is that of the package that the command belongs to", () => {
  expect(version()).toBe(manifest.version)
  expect(versionLine()).toBe(`grantlog v${manifest.version}\n`)
})

it("is found from the source, and from where the build puts the command; without either nobody knows it", () => {
  const folder = temporaryFolder()
  const at = (...names: ReadonlyArray<string>) => join(folder, ...names)
  const from = (...names: ReadonlyArray<string>) => version(pathToFileURL(at(...names)).href)
  mkdirSync(at("package"))
  expect(from("package", "src", "cli", "Version.ts")).toBe("unknown")
  writeFileSync(at("package", "package.json"), '{"version":"1.2.3"}')
  expect(from("package", "src", "cli", "Version.ts")).toBe("1.2.3")
  expect(from("package", "dist", "src", "cli", "Version.js")).toBe("1.2.3")
  expect(from("package", "node_modules", "dist", "src", "cli", "Version.js")).toBe("unknown")
  mkdirSync(at("package", "dist"))
  writeFileSync(at("package", "dist", "package.json"), "no JSON")
  expect(from("package", "dist", "src", "cli", "Version.js")).toBe("1.2.3")
})

it("is told by being loaded", async () => {
  const { stream, text } = keptStream()
  const listenerCount = stream.listenerCount("error")
  await withStreams({ stdout: stream }, () => import("../../src/cli/TellVersion.ts"))
  expect(text()).toBe(versionLine())
  // A reader that has gone is no fault.
  expect(stream.listenerCount("error")).toBe(listenerCount + 1)
})
