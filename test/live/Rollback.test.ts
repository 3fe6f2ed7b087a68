/** An old copy of the store that was put back: it is not served in silence, and revives nothing for who accepts it. */
import { existsSync, rmSync } from "node:fs"
import { DatabaseSync, backup } from "node:sqlite"
import { afterAll, expect, it } from "vitest"
import { grantlog } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"
import { grantlogHere } from "./support/InProcess.ts"
import { serve } from "./support/ServeProcess.ts"
import { login, refresh, register, revoke } from "./support/Wire.ts"

const folder = temporaryFolder()
afterAll(() => folder[Symbol.dispose]())

const copyOf = async (from: string, to: string) => {
  for (const suffix of ["", "-wal", "-shm"]) rmSync(to + suffix, { force: true })
  const database = new DatabaseSync(from)
  await backup(database, to)
  database.close()
}

it("an old copy that is put back is refused until it is accepted, and then everything opened in it has ended", async () => {
  const [file, old] = [folder.at("grantlog.db"), folder.at("old.db")]
  const store = ["--store", `sqlite:${file}`]
  const first = await serve(file)
  const issuer = ["--issuer", first.issuer]
  const client = await register(first.url)
  const tokens = await login(first.url, client)
  await copyOf(file, old)
  expect((await revoke(first.url, client, tokens.refresh_token)).status).toBe(200)
  expect(await first.stop()).toBe(0)

  await copyOf(old, file)
  const refused = await grantlog(["serve", "--port", "0", ...store, ...issuer])
  expect(refused.code).toBe(1)
  expect(refused.stderr).toMatch(
    /^grantlog: the log has (\d+) entries, the last checkpoint \d+: it was cut or restored; run grantlog verify; to serve it as it is, and to end every grant that was opened in it, start with --accept-rollback\n$/,
  )

  await using accepted = await serve(file, ...issuer, "--accept-rollback")
  expect((await refresh(accepted.url, client, tokens.refresh_token)).body.error).toBe("invalid_grant")
  const anew = await login(accepted.url, client)
  expect((await refresh(accepted.url, client, anew.refresh_token)).status).toBe(200)
  await expect
    .poll(accepted.complaints)
    .toMatch(
      /^grantlog: note: every grant that was opened in the old copy has ended; checkpoints go on under a new key\n$/,
    )
  expect(await accepted.stop()).toBe(0)
  expect((await grantlogHere(["verify", ...store])).stdout).toContain("covered to the end by a checkpoint")
  expect(existsSync(`${file}.checkpoint-key.json`)).toBe(true)

  await using again = await serve(file, ...issuer, "--accept-rollback")
  await expect
    .poll(again.complaints)
    .toMatch(/^grantlog: note: the log is as its last checkpoint says: leave out --accept-rollback\n$/)
  expect(await again.stop()).toBe(0)
})
