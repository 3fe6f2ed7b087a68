/** Where a link for the user goes: to a browser if it is safe there, else to the terminal. */
import { expect, onTestFinished, test, vi } from "vitest"
import { openSystemBrowser, printLink } from "../../src/client/Browser.ts"

test.each(["http://id.example.com/authorize", "file:///etc/passwd", "javascript:alert(1)"])(
  "%s is handed to no browser",
  async (url) => {
    expect(await openSystemBrowser(url)).toBe(false)
  },
)

test("what is printed is the link, beside what is standard output's", () => {
  const write = vi.spyOn(process.stderr, "write").mockReturnValue(true)
  onTestFinished(() => write.mockRestore())
  printLink("https://id.example.com/authorize?a=b")
  expect(write.mock.calls).toEqual([
    ["open this address in a browser to log in:\n\n  https://id.example.com/authorize?a=b\n\n"],
  ])
})
