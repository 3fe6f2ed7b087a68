/** Where a link for the user goes: to a browser if it is safe there, else to the terminal. */
import childProcess from "node:child_process"
import { EventEmitter } from "node:events"
import { expect, onTestFinished, test, vi } from "vitest"
import { openSystemBrowser, showLink } from "../../../src/client/authorization/Browser.ts"

//= A54
test.each([
  "http://id.example.com/authorize",
  "file:///etc/passwd",
  "javascript:alert(1)",
  "ms-settings:privacy",
  "data:text/html,x",
])("%s is handed to no browser", async (url) => {
  expect(await openSystemBrowser(url)).toBe(false)
})

/** What the system does with a program that is started: nothing is started. */
const startedAs = (start: () => object) => {
  const spawn = vi.spyOn(childProcess, "spawn").mockImplementation(start as never)
  onTestFinished(() => spawn.mockRestore())
  return spawn
}

const childThat = (happens: "spawn" | "error") => () => {
  const child = Object.assign(new EventEmitter(), { unref: () => undefined })
  // As Node does it: once whoever started it had the time to listen.
  setImmediate(() => child.emit(happens, new Error("no such program")))
  return child
}

test("a browser that starts has taken the link", async () => {
  const spawn = startedAs(childThat("spawn"))
  expect(await openSystemBrowser("https://id.example.com/authorize?a=b")).toBe(true)
  expect(JSON.stringify(spawn.mock.calls)).toContain("https://id.example.com/authorize?a=b")
})

test("A54: a link with what a shell would read is handed over as it is, and to no shell", async () => {
  const spawn = startedAs(childThat("spawn"))
  const url = 'https://id.example.com/authorize?a=`calc`&b=$(calc)&c=|calc;"&d=%PATH%'
  expect(await openSystemBrowser(url)).toBe(true)
  const [[, args, options]] = spawn.mock.calls as unknown as [[string, ReadonlyArray<string>, { shell?: unknown }]]
  expect(options.shell ?? false).toBe(false)
  if (process.platform === "linux") expect(args).toEqual([url])
})

test.each([
  ["does not start", childThat("error")],
  [
    "cannot even be looked for",
    () => {
      throw new Error("EPERM")
    },
  ],
])("a browser that %s has not", async (_, start) => {
  startedAs(start)
  expect(await openSystemBrowser("http://127.0.0.1:8000/authorize")).toBe(false)
})

test("a link that no browser took is printed, beside what is standard output's, and no other", async () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  const url = "https://id.example.com/authorize?a=b"
  expect(await showLink(() => true, url)).toBe(true)
  expect(await showLink(() => undefined, url)).toBe(true)
  expect(write.mock.calls).toEqual([])
  expect(await showLink(() => false, url)).toBe(false)
  expect(write.mock.calls).toEqual([[`open this address in a browser to log in:\n\n  ${url}\n\n`]])
})
