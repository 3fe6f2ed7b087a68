/** Where a command asks, and what it suggests to type next: the same words, leading to the same place. */
import { Effect, Option } from "effect"
import { expect, it, onTestFinished, vi } from "vitest"
import { openDesk, type DeskFlags } from "../../../src/cli/admin/Desk.ts"

const none = Option.none<string>()
const flags = { store: "memory:", beside: none, keysFile: none, admin: none, adminCredentialFile: none }

const suggested = (more: Partial<DeskFlags>) =>
  Effect.runPromise(
    Effect.scoped(Effect.map(openDesk({ ...flags, ...more }), (desk) => desk.suggested(["client", "show", "a b"]))),
  )

it("a command over a store suggests one over that store", async () => {
  expect(await suggested({ store: "sqlite:/tmp/some other.db" })).toBe(
    "grantlog client show 'a b' --store 'sqlite:/tmp/some other.db'",
  )
})

it("a command through a server suggests one through that server", async () => {
  vi.stubEnv("GRANTLOG_ADMIN_CREDENTIAL", "c".repeat(43))
  onTestFinished(() => void vi.unstubAllEnvs())
  const admin = Option.some("https://id.example/a;b")
  expect(await suggested({ admin })).toBe("grantlog client show 'a b' --admin 'https://id.example/a;b'")
})

it("a command through a server needs nothing of a store, and a credential", async () => {
  vi.stubEnv("GRANTLOG_ADMIN_CREDENTIAL", undefined)
  onTestFinished(() => void vi.unstubAllEnvs())
  const opened = openDesk({ ...flags, store: "nothing", admin: Option.some("http://localhost:1") })
  expect(await Effect.runPromise(Effect.flip(Effect.scoped(opened)))).toMatchObject({
    _tag: "UsageFault",
    message: expect.stringContaining("--admin needs a credential") as string,
  })
})
