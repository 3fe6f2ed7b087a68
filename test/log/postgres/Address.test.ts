/** What the address of a database says, and what is shown of it: never a password. */
import { describe, expect, it } from "vitest"
import { addressOf, shownAddress } from "../../../src/log/postgres/Address.ts"

const addresses: ReadonlyArray<readonly [string, shown: string, hosts: ReadonlyArray<string>]> = [
  ["postgres://u:s3cret@db.internal/log", "postgres://u@db.internal/log", ["db.internal 5432"]],
  [
    "postgres://u:s3cret@one,two:5433/log?prepare=false",
    "postgres://u@one:5432,two:5433/log",
    ["one 5432", "two 5433"],
  ],
  ["postgres://u:s3c@ret@one:1,two:2/log", "postgres://u@one:1,two:2/log", ["one 1", "two 2"]],
  ["postgres://u:s3cret@[::1]:5433/log", "postgres://u@[::1]:5433/log", ["::1 5433"]],
  ["postgres:///log", "postgres:///log", []],
  ["postgres://u:s3cret@%2Ftmp/log", "postgres://u@%2Ftmp/log", []],
]

describe("the address of a database", () => {
  it.each(addresses)("%s", (address, shown, hosts) => {
    expect(shownAddress(address)).toBe(shown)
    expect(addressOf(address).hosts.map(({ host, port }) => `${host} ${port}`)).toEqual(hosts)
  })

  it.each(["postgres://u:s3cret@one:1,two:port/log", "postgres://u:s3c/ret@one/log", "s3cret"])(
    "is refused with a sentence that shows none of it: %s",
    (address) => {
      expect(shownAddress(address)).toBe("postgres:")
      expect(() => addressOf(address)).toThrow(/^the address of the database cannot be read: write it as postgres:/)
    },
  )
})
