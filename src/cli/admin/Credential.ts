/**
 * The credential of the admin API: 256 random bits in a file for its owner alone, made at the first start, or whatever is
 * in the environment. Never an argument, never a token of the server's, and compared as a digest.
 */
import { existsSync, statSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import { createFile, readSmallFile } from "../../files/SmallFile.ts"
import { liveRandomness } from "../../provider/index.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import type { StoreLocation } from "../StoreLocation.ts"

export const CREDENTIAL_VARIABLE = "GRANTLOG_ADMIN_CREDENTIAL"
const MIN_CHARACTERS = 32
const MAX_BYTES = 1024
const OTHERS = 0o077

/** What may stand in a header as it is (RFC 6750 2.1). */
const FORM = /^[A-Za-z0-9\-._~+/]+=*$/

const credentialIn = (text: string, where: string): Effect.Effect<string, UsageFault> => {
  const credential = text.trim()
  if (credential.length >= MIN_CHARACTERS && FORM.test(credential)) return Effect.succeed(credential)
  const message = `${where} is no credential: give at least ${MIN_CHARACTERS} characters out of A-Z a-z 0-9 - . _ ~ + /`
  return Effect.fail(new UsageFault({ message }))
}

const attempt = <A>(body: () => A, saying: string): Effect.Effect<A, CommandFault> =>
  Effect.try({
    try: body,
    catch: (cause) => new CommandFault({ message: `${saying} (${(cause as NodeJS.ErrnoException).code})` }),
  })

const readFrom = Effect.fnUntraced(function* (path: string) {
  const saying = `the admin credential \`${path}\` cannot be read`
  const { mode } = yield* attempt(() => statSync(path), saying)
  if (process.platform !== "win32" && (mode & OTHERS) !== 0) {
    const message = `other users can read the admin credential \`${path}\`: chmod 600 it, or delete it for a new one if they may have`
    return yield* new CommandFault({ message })
  }
  return yield* credentialIn((yield* attempt(() => readSmallFile(path, MAX_BYTES), saying)) ?? "", `\`${path}\``)
})

const inEnvironment = (): string | undefined => process.env[CREDENTIAL_VARIABLE] || undefined

/** Where the credential of a server is: in the environment, or in a file, by default beside that of the store. */
export interface CredentialPlace {
  /** `undefined` for one in the environment. */
  readonly file: string | undefined
}

/** Where it is or will be; fails where nobody said. */
export const credentialPlace = (
  given: Option.Option<string>,
  { file }: Pick<StoreLocation, "file">,
): Effect.Effect<CredentialPlace, UsageFault> => {
  if (Option.isSome(given)) return Effect.succeed({ file: given.value })
  const own = inEnvironment()
  if (own !== undefined) return Effect.as(credentialIn(own, CREDENTIAL_VARIABLE), { file: undefined })
  if (file !== undefined) return Effect.succeed({ file: `${file}.admin-credential` })
  const message = `--admin-port needs --admin-credential-file with this store, a file that is made at the first start, or ${CREDENTIAL_VARIABLE}`
  return Effect.fail(new UsageFault({ message }))
}

/** The credential of a server, made where there is none. */
export const openCredential = Effect.fnUntraced(function* ({
  file,
}: CredentialPlace): Effect.fn.Return<string, CommandFault | UsageFault> {
  if (file === undefined) return yield* credentialIn(inEnvironment() ?? "", CREDENTIAL_VARIABLE)
  if (!existsSync(file)) {
    const made = Buffer.from(liveRandomness.bytes(32)).toString("base64url")
    yield* attempt(() => createFile(file, `${made}\n`), `no admin credential can be made at \`${file}\``)
  }
  return yield* readFrom(file)
})

/** The credential that a command shows: from a file that was named, or the environment. */
export const shownCredential = (given: Option.Option<string>): Effect.Effect<string, CommandFault | UsageFault> => {
  if (Option.isSome(given)) return readFrom(given.value)
  const own = inEnvironment()
  if (own !== undefined) return credentialIn(own, CREDENTIAL_VARIABLE)
  const message = `--admin needs a credential: name the file of it with --admin-credential-file, or set ${CREDENTIAL_VARIABLE}`
  return Effect.fail(new UsageFault({ message }))
}
