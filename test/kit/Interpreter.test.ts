/** Which Python a provider runs in: the nearest to it, unless an environment is active. */
import { mkdirSync, writeFileSync } from "node:fs"
import { dirname, join } from "node:path"
import { afterAll, expect, it } from "vitest"
import { interpreterFor } from "../../properties/kit/python/Interpreter.ts"
import { temporaryFolder } from "../live/support/Folder.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const IN_ENVIRONMENT = process.platform === "win32" ? ["Scripts", "python.exe"] : ["bin", "python"]

const environmentIn = (...names: ReadonlyArray<string>): string => {
  const path = join(folder.at(...names), ".venv", ...IN_ENVIRONMENT)
  mkdirSync(dirname(path), { recursive: true })
  writeFileSync(path, "")
  return path
}

it("is that of the nearest environment above the file, but that of an active one comes first", () => {
  mkdirSync(folder.at("app", "src", "auth"), { recursive: true })
  const file = folder.at("app", "src", "auth", "own.py")
  const above = environmentIn("app")
  expect(interpreterFor(file, {})).toBe(above)
  const nearest = environmentIn("app", "src")
  expect(interpreterFor(file, { VIRTUAL_ENV: "" })).toBe(nearest)
  expect(interpreterFor(file, { VIRTUAL_ENV: "/active" })).toBe(join("/active", ...IN_ENVIRONMENT))
})

it("is that of the system where there is no environment", () => {
  const system = process.platform === "win32" ? "python" : "python3"
  expect(interpreterFor(folder.at("alone.py"), {})).toBe(system)
  expect(interpreterFor("my_package.auth", {})).toBe(system)
})
