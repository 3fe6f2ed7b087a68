/** `grantlog key` without a server: what is listed, handed over and ended, as text and as JSON. */
import { existsSync } from "node:fs"
import { beforeAll, expect, it } from "vitest"
import { temporaryFolder } from "../live/support/Folder.ts"
import { grantlogHere, grantlogJsonHere } from "../live/support/InProcess.ts"
import { serveHere } from "./ServeHere.ts"

interface Shown {
  readonly kid: string
  readonly alg: string
  readonly state: string
  readonly created: string
  readonly signs_from: string
  readonly retired: string | null
  readonly published_until: string | null
  readonly successor?: string | null
}

const folder = temporaryFolder()
let count = 0

/** A store that was served once, of which nothing was signed. */
const unsigned = async () => {
  const file = folder.at(`${++count}.db`)
  await (await serveHere(file))[Symbol.asyncDispose]()
  const store = ["--store", `sqlite:${file}`]
  return {
    signingFile: `${file}.signing-keys`,
    said: (...args: ReadonlyArray<string>) => grantlogHere(["key", ...args, ...store]),
    shown: (...args: ReadonlyArray<string>) => grantlogJsonHere<Shown>(["key", ...args, ...store]),
    keys: async () => (await grantlogJsonHere<{ readonly keys: ReadonlyArray<Shown> }>(["key", "list", ...store])).keys,
  }
}

beforeAll(() => () => folder[Symbol.dispose]())

it("a store where nothing was signed has no keys, and asking makes none", async () => {
  const { said, keys, signingFile } = await unsigned()
  for (const _ of [1, 2]) expect(await keys()).toEqual([])
  expect(await said("list")).toMatchObject({ code: 0, stdout: "no keys yet: nothing was signed\n", stderr: "" })
  expect(await said("retire", "nobody")).toEqual({
    code: 1,
    stdout: "",
    stderr: "grantlog: there is no key `nobody`\n",
  })
  expect(existsSync(signingFile)).toBe(false)
})

it("the first key signs at once, the next is published before it signs, and the one before goes when it is retired", async () => {
  const { said, shown, keys } = await unsigned()
  const first = await shown("rotate", "--overlap", "0")
  expect(first).toMatchObject({ alg: "ES256", state: "active", retired: null, published_until: null })
  const next = await shown("rotate", "--overlap", "3600")
  expect(next.state).toBe("next")
  expect(Date.parse(next.signs_from) - Date.parse(next.created)).toBe(3_600_000)
  expect((await keys()).map(({ kid, state }) => [kid, state])).toEqual([
    [next.kid, "next"],
    [first.kid, "active"],
  ])
  const listed = await said("list")
  expect(listed.stdout).toMatch(/^kid +alg +state +created +signs_from +retired +published_until\n/)
  const ended = await shown("retire", first.kid)
  expect(ended).toMatchObject({ kid: first.kid, state: "retired", successor: next.kid })
  expect(Date.parse(ended.published_until!)).toBeGreaterThan(Date.parse(ended.retired!))
  expect((await keys()).map(({ kid, state }) => [kid, state])).toEqual([
    [next.kid, "active"],
    [first.kid, "retired"],
  ])
})

it("is told in a sentence when it signs, by another algorithm too, and a compromised one is published no more", async () => {
  const { said, shown } = await unsigned()
  const now = await said("rotate", "--alg", "EdDSA", "--overlap", "0")
  expect(now.stdout).toMatch(/^key \S+ \(EdDSA\) signs from now on\n$/)
  const [, kid = ""] = /^key (\S+)/.exec(now.stdout)!
  const later = await said("rotate", "--alg", "EdDSA", "--overlap", "60")
  expect(later.stdout).toMatch(/^key \S+ \(EdDSA\) is published, and signs from \d{4}-[\d:.T-]+Z\n$/)
  expect(await shown("retire", kid, "--compromised")).toMatchObject({ state: "compromised", published_until: null })
  const [, next = ""] = /^key (\S+)/.exec(later.stdout)!
  const ended = await said("retire", next)
  expect(ended.stdout).toMatch(
    new RegExp(`^kid +${next}\nalg +EdDSA\nstate +retired\ncreated +\\S+\nsigns_from +\\S+\nretired +\\S+\n`),
  )
  expect(ended.stdout).toMatch(/\npublished_until +\S+\nsuccessor +\S+\n$/)
  // Nothing takes the place of one that signs no more.
  expect(await shown("retire", next)).toMatchObject({ kid: next, state: "retired", successor: null })
  const tooLong = await said("rotate", "--overlap", String(31 * 86_400))
  expect([tooLong.code, tooLong.stderr]).toEqual([2, expect.stringContaining("--overlap")])
})
