/** The version is that of the package, and is told in one line without anything being loaded. */
import { expect, it } from "vitest"
import manifest from "../../package.json" with { type: "json" }
import { version, versionLine } from "../../src/cli/Version.ts"
import { saidBy } from "./SaidHere.ts"

it("is that of the package that the command belongs to", () => {
  expect(version()).toBe(manifest.version)
  expect(versionLine()).toBe(`grantlog v${manifest.version}\n`)
})

it("is told by being loaded", async () => {
  expect(await saidBy(() => import("../../src/cli/TellVersion.ts"))).toEqual({ stdout: versionLine(), stderr: "" })
})
