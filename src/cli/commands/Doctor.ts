/**
 * `grantlog doctor`: whether the server that these settings describe can be served, and is reached as it should be.
 *
 * It takes what `serve` takes, and changes nothing but what opening a store does: a store from an older version is brought
 * to this one's. It ends with 1 where there is a fault.
 */
import { existsSync } from "node:fs"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Result from "effect/Result"
import * as Command from "effect/cli/Command"
import * as Flag from "effect/cli/Flag"
import { credentialPlace, openCredential } from "../admin/Credential.ts"
import { makeCommand } from "../Defaults.ts"
import { fileFindings } from "../doctor/Files.ts"
import { examined, failed, good, type Finding } from "../doctor/Finding.ts"
import { keptFindings } from "../doctor/Kept.ts"
import { reachedFindings } from "../doctor/Reached.ts"
import { settingsAdvice } from "../doctor/Settings.ts"
import { CommandFault } from "../Failure.ts"
import { printJson, printLine } from "../Print.ts"
import { refuseContradictions, servedSettings } from "../ServedSettings.ts"
import { serveFlags, type ServeFlags } from "../ServeFlags.ts"
import { isInMemory, locate } from "../StoreLocation.ts"
import { oneLine } from "../Terminal.ts"
import { version } from "../Version.ts"

const offline = Flag.Boolean("offline").pipe(
  Flag.withDescription("do not ask the issuer over the network"),
  Flag.withDefault(false),
)

const settled = (given: ServeFlags) =>
  Effect.gen(function* () {
    yield* refuseContradictions(given)
    const location = yield* locate(given)
    const credential = Option.isSome(given.adminPort)
      ? yield* credentialPlace(given.adminCredentialFile, location)
      : undefined
    return { location, credentialFile: credential?.file, ...(yield* servedSettings(given, given.port)) }
  })

const examine = Effect.fnUntraced(function* (given: ServeFlags, isOffline: boolean) {
  const versions = good(
    "versions",
    `grantlog ${version()} on Node ${process.versions.node}, SQLite ${process.versions["sqlite"]}`,
  )
  const found = yield* Effect.result(settled(given))
  // Nothing else can be looked at with settings that are none.
  if (Result.isFailure(found)) return [versions, failed("settings", found.failure)]
  const { location, credentialFile, config } = found.success
  return [
    versions,
    good("settings", "`grantlog serve` takes them"),
    ...settingsAdvice(given, config.issuer),
    ...fileFindings(location, credentialFile),
    ...(credentialFile === undefined || !existsSync(credentialFile)
      ? []
      : [
          yield* examined("admin API", openCredential({ file: credentialFile }), () =>
            good("admin API", "its credential is there, for its owner alone"),
          ),
        ]),
    ...(isInMemory(location) ? [] : yield* keptFindings(given, location, config.issuer)),
    ...(isOffline ? [] : yield* reachedFindings(config.issuer)),
  ]
})

const SIGNS: Readonly<Record<Finding["verdict"], string>> = { good: "ok    ", advice: "ADVICE", fault: "FAULT " }

const lineOf = ({ verdict, about, message }: Finding) => `${SIGNS[verdict]}  ${about}: ${oneLine(message)}`

export const doctor = makeCommand(
  "doctor",
  { ...serveFlags, offline },
  Effect.fn(function* ({ offline: isOffline, ...given }) {
    const findings = yield* examine(given, isOffline)
    const faultCount = findings.filter(({ verdict }) => verdict === "fault").length
    yield* given.json ? printJson({ findings }) : printLine(findings.map(lineOf).join("\n"))
    if (faultCount === 0) return
    return yield* new CommandFault({
      message: faultCount === 1 ? "there is a fault" : `there are ${faultCount} faults`,
    })
  }, Effect.scoped),
).pipe(
  Command.withExamples([
    {
      command: "grantlog doctor --config grantlog.yaml",
      description: "Everything, and the issuer as clients reach it",
    },
    { command: "grantlog doctor --offline --json", description: "Before the first start, for a program" },
  ]),
)
