/** What `--store` and its companions name, and what is no place for a log. */
import { Effect, Option } from "effect"
import { describe, expect, it } from "vitest"
import { isDatabase, isInMemory, locate, type StoreLocation } from "../../src/cli/StoreLocation.ts"

const located = (store: string, beside?: string, keysFile?: string): StoreLocation | string =>
  Effect.runSync(
    Effect.match(
      locate({ store, beside: Option.fromUndefinedOr(beside), keysFile: Option.fromUndefinedOr(keysFile) }),
      { onSuccess: (location) => location, onFailure: ({ _tag, message }) => `${_tag}: ${message}` },
    ),
  )

describe("a store", () => {
  it("in a file has its key ring beside it, or where that is said", () => {
    const file = { name: "sqlite:a.db", file: "a.db", database: undefined }
    expect(located("sqlite:a.db")).toEqual({ ...file, keyFile: "a.db.keys.json", isKeyFileGiven: false })
    expect(located("sqlite:a.db", undefined, "k")).toEqual({ ...file, keyFile: "k", isKeyFileGiven: true })
  })

  it("in memory has none, whatever is said", () => {
    const memory = { name: "memory:", file: undefined, database: undefined, keyFile: undefined }
    expect(located("memory:")).toEqual({ ...memory, isKeyFileGiven: false })
    expect(located("memory:", undefined, "k")).toEqual({ ...memory, isKeyFileGiven: true })
  })

  it("in a database has its password in nothing that is shown, and its key ring only where that is said", () => {
    const url = "postgres://u:s3cret@host/log"
    const database = { name: "postgres://u@host/log", file: undefined }
    expect(located(url)).toEqual({
      ...database,
      database: { url, beside: undefined },
      keyFile: undefined,
      isKeyFileGiven: false,
    })
    expect(located(url, "postgresql://b", "k")).toEqual({
      ...database,
      database: { url, beside: "postgresql://b" },
      keyFile: "k",
      isKeyFileGiven: true,
    })
  })

  it.each<readonly [store: string, beside: string | undefined, message: string]>([
    ["postgres://a/b", "other.db", "--beside is no address of a database: postgres://USER:PASSWORD@HOST/DATABASE"],
    ["sqlite:a.db", "x", "--beside goes with --store postgres://…: what lies beside a file is beside it"],
    ["memory:", "x", "--beside goes with --store postgres://…: what lies beside a file is beside it"],
    ["a.db", undefined, "--store `a.db` is neither sqlite:FILE, postgres://… nor memory:"],
    ["sqlite:", undefined, "--store `sqlite:` is neither sqlite:FILE, postgres://… nor memory:"],
    ["longer:a.db", undefined, "--store `longer:a.db` is neither sqlite:FILE, postgres://… nor memory:"],
  ])("%s with --beside %s is refused", (store, beside, message) => {
    expect(located(store, beside)).toBe(`UsageFault: ${message}`)
  })
})

it("is a database by its address, and in memory where it is nowhere else", () => {
  expect(["postgres://a", "postgresql://a", "xpostgres://a", "postgres:a", "postgresq://a"].map(isDatabase)).toEqual([
    true,
    true,
    false,
    false,
    false,
  ])
  const stores = ["memory:", "sqlite:a", "postgres://a/b"]
  expect(stores.map((store) => isInMemory(located(store) as StoreLocation))).toEqual([true, false, false])
})
