/** A name that a page can have lead here is not this listener's own: addresses, localhost and the given name are. */
import { expect, test } from "vitest"
import { isOwnHost } from "../../src/cli/OwnHost.ts"

test.each<readonly [header: string, own: string | undefined, isOwn: boolean]>([
  ["127.0.0.1:4000", undefined, true],
  ["192.168.0.7", undefined, true],
  ["[::1]:4000", undefined, true],
  ["[2001:db8::1]", undefined, true],
  ["localhost:4000", undefined, true],
  ["sub.localhost", undefined, false],
  ["evil.example", undefined, false],
  ["evil.example:4000", "grantlog.example", false],
  ["grantlog.example:4000", "Grantlog.Example", true],
  ["GRANTLOG.example", "grantlog.example", true],
  ["", undefined, false],
  ["not a host", undefined, false],
])("a request to %j where %j was named: %j", (header, own, isOwn) => {
  expect(isOwnHost(header, own)).toBe(isOwn)
})
