/** Which hosts are this machine: by what may be registered or configured, and by what may be reached. */
import { expect, test } from "vitest"
import { isLoopbackHost, isThisMachine } from "../../src/protocol/index.ts"

test.each([
  ["localhost", true, true],
  ["127.0.0.1", true, true],
  ["[::1]", true, true],
  // What a server is told to listen on has no brackets.
  ["::1", false, true],
  ["127.10.200.30", false, true],
  ["127.0.0.1.example.com", false, false],
  ["localhost.example.com", false, false],
  ["evil.localhost", false, false],
  ["x127.0.0.1", false, false],
  ["128.0.0.1", false, false],
  ["[::2]", false, false],
  ["0.0.0.0", false, false],
  ["", false, false],
])("%s: may be registered %s, is this machine %s", (host, isNamed, isHere) => {
  expect(isLoopbackHost(host)).toBe(isNamed)
  expect(isThisMachine(host)).toBe(isHere)
})
