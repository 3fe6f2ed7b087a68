/** `grantlog verify-export`: whether an exported file holds; needs the verifier key and nothing else. */
import { createReadStream } from "node:fs"
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import { verifyExport as verify, type VerifiedExport } from "../../audit/proof/VerifyExport.ts"
import { parseVerifierKey } from "../../log/index.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { json } from "../Flags.ts"
import { printJson, printLine } from "../Print.ts"

const told = ({ origin, from, size, root, readableCount, hashedCount }: VerifiedExport): string => {
  const which = from === size ? "no entries" : `entries ${from} to ${size - 1}`
  const hashed = `${hashedCount} only hashed: that they stand there is proven, what their lines say is not`
  return [
    `the export holds: ${which}, of the first ${size} of ${origin}`,
    `${readableCount} readable, as they were recorded`,
    ...(hashedCount === 0 ? [] : [hashed]),
    `root ${root}`,
  ].join("\n")
}

export const verifyExport = makeCommand(
  "verify-export",
  {
    file: Argument.String("file").pipe(
      Argument.withDescription("the export, as grantlog export wrote it; - for standard input"),
    ),
    key: Flag.String("key").pipe(Flag.withDescription("the log's verifier key, from somebody you believe")),
    json,
  },
  Effect.fn(function* (flags) {
    const key = parseVerifierKey(flags.key)
    if (key === undefined) return yield* new UsageFault({ message: "--key is no verifier key: NAME+ID+KEY" })
    const verified = yield* Effect.tryPromise({
      try: () => verify(flags.file === "-" ? process.stdin : createReadStream(flags.file), key),
      catch: () => new CommandFault({ message: `\`${flags.file}\` cannot be read` }),
    })
    if (Result.isFailure(verified)) {
      return yield* new CommandFault({ message: `the export does not hold: ${verified.failure}` })
    }
    yield* flags.json ? printJson({ holds: true, ...verified.success }) : printLine(told(verified.success))
  }),
)
