/** `grantlog checkpoint`: a signed head of the log as it is now, to be kept where the operator cannot change it. */
import * as Effect from "effect/Effect"
import * as Command from "effect/cli/Command"
import { checkpointNow, cosignNow } from "../../audit/index.ts"
import { formatVerifierKey } from "../../log/index.ts"
import { makeCommand } from "../Defaults.ts"
import { checkpointCopy, json, located } from "../Flags.ts"
import { openExisting } from "../OpenStore.ts"
import { CommandFault } from "../Failure.ts"
import { printJson, printLine, time } from "../Print.ts"
import { tell } from "../Terminal.ts"
import { witnessesOf, witnessFlags } from "../witness/WitnessFlags.ts"
import { objectionTo, refusalText } from "../witness/Witnessing.ts"

/** The head as the witnesses saw it; fails where too few of them cosigned it. */
const cosigned = Effect.fnUntraced(function* (...about: Parameters<typeof cosignNow>) {
  const [, , , witnesses] = about
  const witnessed = yield* cosignNow(...about)
  const objection = objectionTo(witnessed, witnesses)
  return objection === undefined ? witnessed : yield* new CommandFault({ message: objection })
})

export const checkpoint = makeCommand(
  "checkpoint",
  { ...located, checkpointCopy, ...witnessFlags, json },
  Effect.fn(function* (flags) {
    const witnesses = yield* witnessesOf(flags)
    const { log, beside } = yield* openExisting(flags)
    const key = yield* beside.checkpoints.readKey
    const verifierKey = formatVerifierKey(key)
    const { head, cosignatures, refusals } =
      witnesses === undefined
        ? { head: yield* checkpointNow(log, key, beside.checkpoints), cosignatures: [], refusals: [] }
        : yield* cosigned(log, key, beside.checkpoints, witnesses)
    const witnessedBy = cosignatures.map(({ name, seconds }) => ({ name, at: seconds * 1000 }))
    const seen = witnesses === undefined ? {} : { witnessedBy, refusals }
    if (flags.json) return yield* printJson({ ...head, verifierKey, ...seen })
    yield* printLine(head.checkpoint.trimEnd())
    tell(`\nverifier key, to be given to whoever is to believe it:\n${verifierKey}`)
    for (const { name, at } of witnessedBy) tell(`cosigned by ${name} at ${time(at)}`)
    for (const refusal of refusals) tell(`not cosigned: ${refusalText(refusal)}`)
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    { command: "grantlog checkpoint > /mnt/elsewhere/checkpoint", description: "Keep it where nobody here can write" },
    {
      command: 'grantlog checkpoint --witness https://witness.example --witness-key "$WITNESS_KEY"',
      description: "Have a witness cosign it",
    },
  ]),
)
