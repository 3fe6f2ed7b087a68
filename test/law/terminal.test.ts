/** There is one way to the terminal, and nothing in the command line goes another one. */
import { afterAll, expect, test } from "vitest"
import { sourceTexts } from "../../spec/trace/Sources.ts"
import { openReader } from "./Module.ts"

const reader = openReader()
afterAll(() => reader.close())

const TERMINAL = "src/cli/Terminal.ts"
const WAYS = /^(?:process\.(?:stdout|stderr|emitWarning)|console|Console|.*\.(?:stdout|stderr))$/

const waysIn = (files: ReadonlyArray<{ readonly path: string; readonly text: string }>) =>
  reader
    .read(files)
    .flatMap(({ path, mentions }) =>
      mentions.filter(({ name }) => WAYS.test(name)).map(({ name, line }) => `${path}:${line} ${name}`),
    )

/** JSON that is printed is made where what cannot be seen is escaped. */
const jsonIn = (files: ReadonlyArray<{ readonly path: string; readonly text: string }>) =>
  files.flatMap(({ path, text }) =>
    /(?:print\w*|write\w*|tell)\([^\n]*JSON\.stringify/.test(text) ? [`${path} prints JSON.stringify`] : [],
  )

test("another way to the terminal is noticed", () => {
  const code = `export const f = () => {
  process.stdout.write("x")
  console.error("x")
  const { stderr } = process
  globalThis.process.stderr.write("x")
}
export const g = () => printLine(JSON.stringify({}))`
  const file = { path: "src/cli/Other.ts", text: code }
  expect(waysIn([file]).map((one) => one.split(" ")[0])).toEqual(
    expect.arrayContaining(["src/cli/Other.ts:2", "src/cli/Other.ts:3", "src/cli/Other.ts:4", "src/cli/Other.ts:5"]),
  )
  expect(jsonIn([file])).toHaveLength(1)
})

test("the command line writes to the terminal in one place", () => {
  const files = sourceTexts("src/cli").filter(({ path }) => path !== TERMINAL)
  expect(files.length).toBeGreaterThan(50)
  expect([...waysIn(files), ...jsonIn(files)]).toEqual([])
})
