/** `grantlog verify-proof`: whether a proof file holds; needs the verifier key and nothing else. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import {
  leafHash,
  parseProof,
  parseVerifierKey,
  readCanonical,
  requireQuorum,
  verifyProof as verify,
} from "../../log/index.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { json } from "../Flags.ts"
import { printJson, printLine, time } from "../Print.ts"
import { tell } from "../Terminal.ts"
import { demandedBy, witnessKeyFlags } from "../witness/WitnessFlags.ts"
import { readSmallFile } from "../../files/SmallFile.ts"

const MAX_PROOF_BYTES = 1_000_000

export const verifyProof = makeCommand(
  "verify-proof",
  {
    file: Argument.String("file").pipe(Argument.withDescription("the proof, as grantlog prove wrote it")),
    key: Flag.String("key").pipe(Flag.withDescription("the log's verifier key, from somebody you believe")),
    ...witnessKeyFlags,
    json,
  },
  Effect.fn(function* (flags) {
    const key = parseVerifierKey(flags.key)
    if (key === undefined) return yield* new UsageFault({ message: "--key is no verifier key: NAME+ID+KEY" })
    const quorum = yield* demandedBy(flags)
    const text = yield* Effect.try({
      try: () => readSmallFile(flags.file, MAX_PROOF_BYTES),
      catch: () => new CommandFault({ message: `\`${flags.file}\` cannot be read` }),
    })
    if (text === undefined) return yield* new CommandFault({ message: "the file is too long for a proof" })
    const proof = parseProof(text)
    const head = Result.flatMap(proof, (parsed) => verify(parsed, key, leafHash))
    if (Result.isFailure(proof)) return yield* new CommandFault({ message: proof.failure })
    if (Result.isFailure(head)) return yield* new CommandFault({ message: `the proof does not hold: ${head.failure}` })
    const { position, entry, checkpoint } = proof.success
    const cosigned = quorum === undefined ? Result.succeed([]) : requireQuorum(checkpoint, quorum)
    if (Result.isFailure(cosigned)) {
      return yield* new CommandFault({ message: `the proof does not hold: ${cosigned.failure}` })
    }
    const witnessedBy = cosigned.success.map(({ name, seconds }) => ({ name, at: seconds * 1000 }))
    const { origin, size } = head.success
    const event = readCanonical(entry)
    if (event === undefined) {
      return yield* new CommandFault({ message: "the proof does not hold: its entry is not as a log writes one" })
    }
    if (flags.json) return yield* printJson({ holds: true, origin, size, position, witnessedBy, event })
    yield* printLine(`the proof holds: entry ${position} of the first ${size} of ${origin} is`)
    yield* printJson(event)
    for (const { name, at } of witnessedBy) tell(`the checkpoint was cosigned by ${name} at ${time(at)}`)
  }),
)
