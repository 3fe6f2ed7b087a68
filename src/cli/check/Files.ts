/** What a check leaves behind: the page and the test file that were asked for. Where they go is looked at first. */
import { accessSync, constants, existsSync, statSync, writeFileSync } from "node:fs"
import { dirname, relative, resolve, sep } from "node:path"
import * as Effect from "effect/Effect"
import type { KitReport } from "../../../properties/kit/Report.ts"
import { renderPytestFile } from "../../../properties/kit/render/PytestFile.ts"
import { renderTestFile, type TestTarget } from "../../../properties/kit/render/TestFile.ts"
import { UsageFault } from "../Failure.ts"
import { checkReplaceable } from "../Output.ts"
import { tell } from "../Terminal.ts"
import type { Checked } from "./Job.ts"
import type { Target } from "./Target.ts"

const attempt = (flag: string, file: string, body: () => void): Effect.Effect<void, UsageFault> =>
  Effect.try({
    try: body,
    catch: (cause) =>
      new UsageFault({ message: `--${flag} \`${file}\` cannot be written: ${(cause as Error).message}` }),
  })

/** Says before the check what would be in the way after it. */
export const checkWritable = (flag: string, file: string, isForced: boolean): Effect.Effect<void, UsageFault> =>
  Effect.andThen(
    attempt(flag, file, () => {
      const path = resolve(file)
      if (!existsSync(path)) return accessSync(dirname(path), constants.W_OK)
      if (statSync(path).isDirectory()) throw new Error("it is a folder")
      accessSync(path, constants.W_OK)
    }),
    checkReplaceable(file, isForced),
  )

export const write = (flag: string, file: string, text: string): Effect.Effect<void, UsageFault> =>
  attempt(flag, file, () => writeFileSync(file, text))

/** The provider as the test file will name it. */
const specifierFrom = (file: string, path: string): string => {
  const way = relative(dirname(resolve(file)), path)
    .split(sep)
    .join("/")
  return way.startsWith(".") ? way : `./${way}`
}

/** A target, and what is known of a module once it was loaded. */
export type Checkable = Target & Partial<Omit<Checked, "report">>

/** The folder that the check is started in as the test file will name it. */
const folderFrom = (file: string): string =>
  relative(dirname(resolve(file)), process.cwd())
    .split(sep)
    .join("/") || "."

/** The tests that replay what is broken; `undefined` when nothing is. */
export const testFileFor = (
  report: KitReport,
  target: Checkable,
  file: string,
  options: Readonly<Record<string, unknown>>,
): string | undefined => {
  if (target._tag === "Python") {
    // The test runs where its interpreter is.
    const call = (report.call ?? []).filter((_, index, all) => ![all[index], all[index - 1]].includes("--python"))
    return renderPytestFile(report, { call, folder: folderFrom(file) })
  }
  const tested: TestTarget =
    target._tag === "Issuer" ? target : { ...target, specifier: specifierFrom(file, target.path) }
  return renderTestFile(report, tested, options)
}

/** Writes them, or says that there are none. */
export const writeTest = (...about: Parameters<typeof testFileFor>): Effect.Effect<void, UsageFault> => {
  const [, , file] = about
  const test = testFileFor(...about)
  return test === undefined
    ? Effect.sync(() => tell(`nothing is broken: \`${file}\` was not written`))
    : write("write-test", file, test)
}
