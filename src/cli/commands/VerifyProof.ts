/** `grantlog verify-proof`: whether a proof file holds; needs the verifier key and nothing else. */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import { leafHash, parseProof, parseVerifierKey, readCanonical, verifyProof as verify } from "../../log/index.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { json } from "../Flags.ts"
import { printJson, printLine } from "../Print.ts"
import { readSmallFile } from "../../files/SmallFile.ts"

const MAX_PROOF_BYTES = 1_000_000

export const verifyProof = makeCommand(
  "verify-proof",
  {
    file: Argument.String("file").pipe(Argument.withDescription("the proof, as grantlog prove wrote it")),
    key: Flag.String("key").pipe(Flag.withDescription("the log's verifier key, from somebody you believe")),
    json,
  },
  Effect.fn(function* (flags) {
    const key = parseVerifierKey(flags.key)
    if (key === undefined) return yield* new UsageFault({ message: "--key is no verifier key: NAME+ID+KEY" })
    const text = yield* Effect.try({
      try: () => readSmallFile(flags.file, MAX_PROOF_BYTES),
      catch: () => new CommandFault({ message: `\`${flags.file}\` cannot be read` }),
    })
    if (text === undefined) return yield* new CommandFault({ message: "the file is too long for a proof" })
    const proof = parseProof(text)
    const head = Result.flatMap(proof, (parsed) => verify(parsed, key, leafHash))
    if (Result.isFailure(proof)) return yield* new CommandFault({ message: proof.failure })
    if (Result.isFailure(head)) return yield* new CommandFault({ message: `the proof does not hold: ${head.failure}` })
    const { position, entry } = proof.success
    const { origin, size } = head.success
    const event = readCanonical(entry)
    if (event === undefined) {
      return yield* new CommandFault({ message: "the proof does not hold: its entry is not as a log writes one" })
    }
    if (flags.json) return yield* printJson({ holds: true, origin, size, position, event })
    yield* printLine(`the proof holds: entry ${position} of the first ${size} of ${origin} is`)
    yield* printJson(event)
  }),
)
