/** Stryker with what the tests of a folder need from outside: for `log` one PostgreSQL for all mutants, because a runner that is ended takes none with it. */
import { spawn } from "node:child_process"
import { once } from "node:events"
import { startPostgres } from "../support/Postgres.ts"

const postgres = process.env["STRYKER_FOLDER"] === "log" ? await startPostgres() : undefined
const stryker = spawn("stryker", ["run", "test/config/stryker.config.mjs"], {
  stdio: "inherit",
  env: { ...process.env, ...(postgres === undefined ? {} : { STRYKER_POSTGRES: postgres.url }) },
})
// Stryker ends the run then, and keeps what it found. It hears Ctrl-C itself.
process.on("SIGINT", () => {})
process.on("SIGTERM", () => stryker.kill("SIGINT"))
const [status] = (await once(stryker, "exit")) as [number | null]
await postgres?.remove()
process.exitCode = status ?? 1
