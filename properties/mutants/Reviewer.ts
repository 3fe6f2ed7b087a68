/**
 * Mutants chosen by a reviewer who did not write the source: breaks that a programmer might make without a second
 * thought, and of which it is not plain that a test would see them.
 */
import { against, explore, memory, random, simulated, noticed } from "./Engines.ts"
import { edit, type Edit, type Mutant } from "./Mutant.ts"

const CORE = [explore, random]
const GRANT = "src/core/Grant.ts"
const ACCESS = "src/core/decide/Access.ts"
const REDEEM = "src/core/decide/RedeemCode.ts"
const REFRESH = "src/core/decide/Refresh.ts"
const ROWS = "src/projection/GrantRow.ts"
const CLIENTS = "src/provider/ClientOperations.ts"
const READ = "src/provider/ReadOperations.ts"

const core = (promise: string | undefined, name: string, ...edits: ReadonlyArray<Edit>): Mutant =>
  against(CORE, promise, "reviewer", name, ...edits)

export const reviewerMutants: ReadonlyArray<Mutant> = [
  core(
    "ReplayKillsGrant",
    "whether a code expired is asked before whether it was spent",
    edit(
      REDEEM,
      "if (code.redeemedAt === null && !isLive(command.at, code.expiresAt))",
      "if (!isLive(command.at, code.expiresAt))",
    ),
  ),
  core(
    "LifetimeNeverGrows",
    "an access token from a refresh outlives the end of its grant",
    edit(
      REFRESH,
      "parent: current.digest,\n    ...access,\n    jkt,\n    issuedAt: at,\n    expiresAt: expiry(at, lifetimes.accessToken, grant.expiresAt),",
      "parent: current.digest,\n    ...access,\n    jkt,\n    issuedAt: at,\n    expiresAt: endOf(at, lifetimes.accessToken),",
    ),
  ),
  core(
    "LifetimeNeverGrows",
    "each rotation gives a refresh token that outlives its grant",
    edit(
      REFRESH,
      "expiresAt: expiry(at, lifetimes.refreshIdle, grant.expiresAt),",
      "expiresAt: endOf(at, lifetimes.refreshIdle),",
    ),
  ),
  core(
    undefined,
    "only the latest answer to a spent refresh token is remembered",
    edit(GRANT, "answers: [...refresh.previous.answers, token]", "answers: [token]"),
  ),
  core(
    "RevocationIsFinal",
    "enabling a subject again revives what it gave before",
    edit(
      "src/core/Subject.ts",
      `return { status: "disabled", epoch: nextEpoch(subject.epoch) }`,
      `return { ...subject, status: "disabled" }`,
    ),
  ),
  core(
    undefined,
    "of 64 access tokens the newest makes room, not the oldest",
    edit(ACCESS, "const [oldest] = alive", "const oldest = alive.at(-1)"),
  ),
  core(
    undefined,
    "an expired access token still ends its grant with cascade",
    edit(
      "src/core/decide/RevokeToken.ts",
      "one.digest === digest && isLive(at, one.expiresAt)",
      "one.digest === digest",
    ),
  ),
  core(
    "BoundMeansBound",
    "a rotation drops the key that the refresh token was bound to",
    edit(REFRESH, "jkt: current.jkt ?? provenKey,", "jkt: provenKey === current.jkt ? null : provenKey,"),
  ),
  core(
    undefined,
    "a retry with another key than the first is answered",
    edit(REFRESH, "if (firstKey !== jkt) {", "if (firstKey !== null && jkt === null) {"),
  ),
  noticed(
    "reviewer",
    "test/core",
    "who asks for no scope gets the default, as far as it is registered for it",
    "what a client gets by default is not held against what it registered for",
    edit(ACCESS, "offer.defaultScopes.filter((scope) => usable.includes(scope))", "offer.defaultScopes"),
  ),
  {
    ...core(
      undefined,
      "retries of one refresh token are answered anew without end",
      edit(REFRESH, `if (given === undefined && !isRecorded) return deny("refresh-retries-exhausted")`, ""),
    ),
    // As many retries as are recorded, and what leads up to them.
    commandsNeeded: 12,
  },
  noticed(
    "reviewer",
    "test/provider/Frozen.test.ts",
    "cannot be changed for the next one",
    "one reader's change of a state is what the next one reads",
    edit("src/provider/Frozen.ts", "Object.values(value).forEach(frozen)", ""),
  ),
  noticed(
    "reviewer",
    "test/projection",
    "pruned rows are dead for good",
    "pruning a grant leaves its access tokens",
    edit(ROWS, `rows.delete(accessTable, [id, access["digest"]!])`, `rows.get(accessTable, [id, access["digest"]!])`),
  ),
  noticed(
    "reviewer",
    "test/log",
    "is kept by a rebuild, byte for byte, and what ends afterwards with an early date ends afterwards",
    "a later pruning sets the bound back",
    edit(
      "src/log/Rebuild.ts",
      "if (reached === undefined || isWithin(reached, before)) return before",
      "if (reached === undefined) return before",
    ),
  ),
  noticed(
    "reviewer",
    "test/log/GroupCommit.test.ts",
    "waits for a busy store do not add up",
    "short waits for a busy store add up over the life of the process",
    edit("src/log/GroupCommit.ts", "    busyWaits = 0\n", ""),
  ),
  noticed(
    "reviewer",
    "test/log/GroupCommit.test.ts",
    "a batch holds 100 appends at most",
    "whoever waits beyond a full batch is forgotten",
    edit("src/log/GroupCommit.ts", "waiting.splice(0, outcomes.length)", "waiting.splice(0)"),
  ),
  noticed(
    "reviewer",
    "test/log/MemoryLog.test.ts",
    "of accounts are written all or not at all, and survive a rebuild",
    "what a failed append wrote is undone in the order in which it was written",
    edit("src/log/MemoryLog.ts", "undo.reverse()", "undo"),
  ),
  against(
    [simulated],
    undefined,
    "reviewer",
    "a grant is opened although its subject was disabled meanwhile",
    edit(
      "src/provider/CommandHandler.ts",
      `(["issuer", "client", "subject"] as const) : []`,
      `(["issuer", "client"] as const) : []`,
    ),
  ),
  against(
    [simulated],
    undefined,
    "reviewer",
    "a code is redeemed although its client was disabled meanwhile",
    edit(
      "src/provider/CommandHandler.ts",
      `(["issuer", "client", "subject"] as const) : []`,
      `(["issuer", "subject"] as const) : []`,
    ),
  ),
  noticed(
    "reviewer",
    "test/http/token",
    "nobody but its own client sees a refresh token active",
    "whoever may introspect is told of anybody's refresh token",
    edit(READ, "return grant.clientId === caller.clientId", 'return grant.clientId !== ""'),
  ),
  noticed(
    "reviewer",
    "test/provider/Standing.test.ts",
    "a secret that replaces one with an end ends as late",
    "a secret that replaces one with an end has none",
    edit(
      CLIENTS,
      "storedSecret(secret, originOf(state.client), time.now())",
      `storedSecret(secret, "operator", time.now())`,
    ),
  ),
  noticed(
    "reviewer",
    "test/provider/Standing.test.ts",
    "what remains of a token is told in whole seconds",
    "what remains of a token is rounded up",
    edit(
      "src/provider/Records.ts",
      "Math.max(0, wholeSeconds(end - now))",
      "Math.max(0, Math.ceil((end - now) / 1000))",
    ),
  ),
  against(
    [memory],
    "ReuseKillsGrant",
    "reviewer",
    "a refresh token that the rows no longer know is taken for unknown, and its grant lives on",
    edit(
      "src/provider/TokenOperations.ts",
      "if (issued === undefined) return unknown",
      "if (issued?.digest !== grantId) return unknown",
    ),
  ),
  against(
    [memory],
    "OnlyTheOwnerCanHarm",
    "reviewer",
    "a token that names another's entry is taken for the one that was issued there",
    edit(
      "src/provider/IssuedRefresh.ts",
      "grantId === parsed.grantId && digest === parsed.digest",
      "grantId === parsed.grantId",
    ),
  ),
  noticed(
    "reviewer",
    "test/provider/OldTokens.test.ts",
    "the version at which its append began",
    "a refresh token names the version of a try that came to nothing",
    edit("src/provider/TokenOperations.ts", "digestOf((refresh = mintToken(", "digestOf((refresh ||= mintToken("),
  ),
]
