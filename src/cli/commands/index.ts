/**
 * Every command of `grantlog`, by name, and what each is for.
 *
 * A command is loaded when it is named: only the names and descriptions that stand here are needed for the help of the
 * whole and for suggesting a name that was misspelt. Who is named is not found out by parsing. Whichever command the
 * parser chooses, its name is among the arguments, so that it is enough to load all of those.
 */
import * as Command from "effect/cli/Command"

/** Flags of every command that look into all of them. */
const LOOKS_INTO_ALL = /^--(?:completions|wizard)(?:=|$)/

type Load<Name extends string, Input, Context, E, R> = () => Promise<Command.Command<Name, Input, Context, E, R>>

const command =
  <const Name extends string, Input, Context, E, R>(
    name: Name,
    description: string,
    load: Load<Name, Input, Context, E, R>,
  ) =>
  async (given: ReadonlyArray<string>) => {
    const isNeeded = given.some((argument) => argument === name || LOOKS_INTO_ALL.test(argument))
    return isNeeded
      ? Command.withDescription(await load(), description)
      : Command.withDescription(Command.make(name), description)
  }

const commands = [
  command(
    "serve",
    "Serve until stopped by SIGTERM or SIGINT; running requests finish first",
    async () => (await import("./Serve.ts")).serve,
  ),
  command(
    "doctor",
    "Look at settings, files, keys, clock and the way to the issuer, and say what to change",
    async () => (await import("./Doctor.ts")).doctor,
  ),
  command(
    "dashboard",
    "Print a dashboard for Grafana, or with --alerts alarms for Prometheus, of what --metrics-port shows",
    async () => (await import("./Dashboard.ts")).dashboard,
  ),
  command("client", "Clients and resource servers", async () => (await import("./Client.ts")).client),
  command("grant", "Grants: what was approved, and what came of it", async () => (await import("./Grant.ts")).grant),
  command("user", "Accounts that can sign in", async () => (await import("./User.ts")).user),
  command("key", "Keys that the server signs with", async () => (await import("./Key.ts")).key),
  command(
    "ring",
    "The key ring, and how one of its keys takes the place of another",
    async () => (await import("./Ring.ts")).ring,
  ),
  command(
    "forget",
    "Forget somebody for good: account, sessions and sealed origins go, tokens die, proofs hold",
    async () => (await import("./Forget.ts")).forget,
  ),
  command(
    "rebuild",
    "Fold all rows anew from the log and compare them with what was served",
    async () => (await import("./Rebuild.ts")).rebuild,
  ),
  command(
    "backup",
    "Copy a store with what belongs to it, while it is served",
    async () => (await import("./Backup.ts")).backup,
  ),
  command(
    "restore",
    "Put a backup into an empty place, verify it, and end what may have ended since",
    async () => (await import("./Restore.ts")).restore,
  ),
  command(
    "archive",
    "Move grants that ended long ago out of the log into a file that proves itself; run again, it goes on",
    async () => (await import("./Archive.ts")).archive,
  ),
  command(
    "migrate",
    "Move a store to another, SQLite or PostgreSQL, byte for byte; run again, it goes on where it ended",
    async () => (await import("./Migrate.ts")).migrate,
  ),
  command(
    "spec",
    "Show what the standards ask, what enforces it and what tries it",
    async () => (await import("./Spec.ts")).spec,
  ),
  command(
    "check",
    "Try the promises on a provider of yours, or on any authorization server",
    async () => (await import("./Check.ts")).check,
  ),
  command(
    "checkpoint",
    "Sign the head of the log, and keep it; refused if it contradicts the last one",
    async () => (await import("./Checkpoint.ts")).checkpoint,
  ),
  command(
    "tiles",
    "Write the log's tree and its checkpoint into a folder that any web server can serve; run again, it goes on",
    async () => (await import("./Tiles.ts")).tiles,
  ),
  command(
    "prove",
    "Prove that an entry is in the log, to somebody who has only the verifier key",
    async () => (await import("./Prove.ts")).prove,
  ),
  command(
    "verify",
    "Read the whole log again: hashes, streams, promises, rows, and the checkpoints kept of it",
    async () => (await import("./Verify.ts")).verify,
  ),
  command(
    "verify-proof",
    "Verify a proof file, offline and without a store",
    async () => (await import("./VerifyProof.ts")).verifyProof,
  ),
  command(
    "export",
    "Write the log as lines that prove themselves, or as CloudEvents",
    async () => (await import("./Export.ts")).exportLog,
  ),
  command(
    "verify-export",
    "Verify an exported file, offline and without a store",
    async () => (await import("./VerifyExport.ts")).verifyExport,
  ),
  command(
    "explain",
    "Tell what a token, code, grant, client or subject is, whether it is alive, and why not",
    async () => (await import("./Explain.ts")).explain,
  ),
  command(
    "at",
    "Explain as of another moment: what was known, and what was alive then",
    async () => (await import("./At.ts")).at,
  ),
  command(
    "history",
    "List what happened, the newest first, about something, or follow it",
    async () => (await import("./History.ts")).history,
  ),
  command(
    "blast-radius",
    "Show everything alive that descends from something, and end it if told twice",
    async () => (await import("./BlastRadius.ts")).blastRadius,
  ),
  command(
    "watch",
    "Report replays, reuses, endless retries and contradicted checkpoints as they happen",
    async () => (await import("./Watch.ts")).watch,
  ),
  command(
    "login",
    "Log in at an MCP server, through a browser here or anywhere",
    async () => (await import("./Login.ts")).login,
  ),
  command(
    "logout",
    "Forget a login at an MCP server, and tell the server",
    async () => (await import("./Logout.ts")).logout,
  ),
  command("token", "Print a fresh access token, for scripts", async () => (await import("./Token.ts")).token),
]

/** The command as it is called with these arguments. */
export const grantlogFor = async (given: ReadonlyArray<string>) =>
  Command.make("grantlog").pipe(
    Command.withDescription("An OAuth 2.1 authorization server whose every answer is a fold over an append-only log"),
    Command.withSubcommands(await Promise.all(commands.map((loaded) => loaded(given)))),
  )
