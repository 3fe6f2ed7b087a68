/** `grantlog checkpoint`: a signed head of the log as it is now, to be kept where the operator cannot change it. */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { checkpointNow } from "../../audit/proof/Checkpoints.ts"
import { formatVerifierKey } from "../../log/index.ts"
import { makeCommand } from "../Defaults.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { printJson, printLine } from "../Print.ts"
import { tell } from "../Terminal.ts"

export const checkpoint = makeCommand(
  "checkpoint",
  { ...located, checkpointCopy, json },
  Effect.fn(function* (flags) {
    const { log, beside } = yield* openExisting(flags)
    const key = yield* beside.checkpoints.readKey
    const signed = yield* checkpointNow(log, key, beside.checkpoints)
    const verifierKey = formatVerifierKey(key)
    if (flags.json) return yield* printJson({ ...signed, verifierKey })
    yield* printLine(signed.checkpoint.trimEnd())
    tell(`\nverifier key, to be given to whoever is to believe it:\n${verifierKey}`)
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog checkpoint > /mnt/elsewhere/checkpoint", description: "Keep it where nobody here can write" },
  ]),
)
