/** Mutants of tokens that are exchanged for others, for the engines that try the machine beside the model. */
import { against, explore, random } from "./Engines.ts"
import { edit, type Edit, type Mutant } from "./Mutant.ts"

const LIVENESS = "src/core/Liveness.ts"
const EXCHANGE = "src/core/decide/ExchangeToken.ts"

const core = (promise: string | undefined, name: string, ...edits: ReadonlyArray<Edit>): Mutant =>
  against([explore, random], promise, "core", name, ...edits)

export const exchangeMutants: ReadonlyArray<Mutant> = [
  core(
    "AncestorsBound",
    "what came of a token outlives its end",
    edit(LIVENESS, "ancestorsOf(state.grant).every(isAliveIn(state, now))", "true"),
  ),
  core(
    "AncestorsBound",
    "a grant names only the token that was exchanged last",
    edit(EXCHANGE, "[named, ...ancestorsOf(grant)]", "[named]"),
  ),
  core(
    "AncestorsBound",
    "an exchanged token lives as long as any other",
    edit(
      EXCHANGE,
      "expiry(at, command.lifetimes.accessToken, end)",
      "(at + command.lifetimes.accessToken) as typeof end",
    ),
  ),
  core(
    "AncestorsBound",
    "an exchange narrows what the grant has, and not what the token has",
    edit(
      EXCHANGE,
      "lessened(client, subject.token, command)",
      "lessened(client, { ...subject.token, ...subject.grant }, command)",
    ),
  ),
  core(
    "AncestorsBound",
    "whoever exchanges a token of somebody else is not told of",
    edit(EXCHANGE, "const actors = isNobodyElse ? earlier : [current, ...earlier]", "const actors = earlier"),
  ),
  core(
    undefined,
    "a token that is bound to a key is exchanged without it",
    edit(EXCHANGE, "token.jkt !== null && token.jkt !== jkt", "false"),
  ),
]
