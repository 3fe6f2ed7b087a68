/** The key ring of a database: made with it, for its owner alone, and never made anew in silence. */
import { readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs"
import { expect, it } from "vitest"
import { grantlog, grantlogJson } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

it("a database without its ring, or with another, is refused with a sentence; the ring may come from the environment", async () => {
  using folder = temporaryFolder()
  const store = ["--store", `sqlite:${folder.at("grantlog.db")}`]
  const ring = folder.at("grantlog.db.keys.json")
  const add = ["client", "add", "--name", "job", "--issuer", "http://localhost:4000"]
  await grantlogJson([...add, ...store])
  expect(statSync(ring).mode & 0o777).toBe(0o600)
  expect(statSync(folder.at("grantlog.db")).mode & 0o777).toBe(0o600)
  const keys = readFileSync(ring, "utf8")

  const serve = ["serve", "--port", "0", "--issuer", "http://localhost:4000", ...store]
  const refusal = async (args: ReadonlyArray<string>, env: Readonly<Record<string, string>> = {}) => {
    const { code, stderr } = await grantlog(args, { env })
    expect([code, stderr.split("\n").length]).toEqual([1, 2])
    return stderr
  }
  renameSync(ring, folder.at("kept"))
  expect(await refusal(serve)).toContain("put it back, or name it with --keys-file; a new one cannot take its place")
  expect(await refusal(["client", "list", ...store])).toContain("is missing")
  expect(await refusal(serve, { GRANTLOG_KEYS: "no ring" })).toContain("GRANTLOG_KEYS is not a key ring")

  writeFileSync(ring, JSON.stringify({ keys: [{ id: "k_another", secret: "A".repeat(43) }] }))
  expect(await refusal(serve)).toContain("bring the ring that this log was written with")
  rmSync(ring)
  expect(await grantlogJson(["client", "list", ...store], { env: { GRANTLOG_KEYS: keys } })).toMatchObject({
    clients: [{}],
  })
  const named = ["client", "list", ...store, "--keys-file", folder.at("kept")]
  expect(await grantlogJson(named, { env: { GRANTLOG_KEYS: "no ring" } })).toMatchObject({ clients: [{}] })
})
