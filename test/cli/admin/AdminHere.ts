/** The admin API of a store, served in this process as `serve --admin-port` serves it, without the server beside it. */
import { readFileSync } from "node:fs"
import { Effect, Exit, Option, Scope } from "effect"
import { openCredential, credentialPlace } from "../../../src/cli/admin/Credential.ts"
import { openAdmin } from "../../../src/cli/admin/OpenAdmin.ts"
import { openAccessLog } from "../../../src/cli/observe/AccessLog.ts"
import { openForOperator, openKeys } from "../../../src/cli/OpenStore.ts"
import { ISSUER } from "../../support/TestServer.ts"

export interface AdminHere extends AsyncDisposable {
  readonly url: string
  readonly credential: string
  /** What the operator is told: faults as they are said, and defects. */
  readonly told: ReadonlyArray<unknown>
}

interface Served {
  readonly store: string
  readonly beside?: string
  readonly keysFile?: string
  readonly credentialFile?: string
  readonly accessLog?: string
  readonly port?: number
}

/** Serves it; made where it is not there. */
export const adminHere = async ({
  accessLog,
  credentialFile,
  port: asked = 0,
  ...flags
}: Served): Promise<AdminHere> => {
  const scope = Scope.makeUnsafe()
  const told: Array<unknown> = []
  const onFault = (what: unknown) => void told.push(what)
  const opening = Effect.gen(function* () {
    const config = { issuer: ISSUER }
    const { store, beside, keysFile } = flags
    const [besideFlag, keysFlag] = [Option.fromUndefinedOr(beside), Option.fromUndefinedOr(keysFile)]
    const opened = yield* openForOperator({
      ...{ store, beside: besideFlag, keysFile: keysFlag },
      issuer: Option.some(ISSUER),
    })
    const place = yield* credentialPlace(Option.fromUndefinedOr(credentialFile), opened.location)
    const keys = yield* openKeys(opened.log, opened.location, config)
    const onAnswered = accessLog === undefined ? undefined : yield* openAccessLog(accessLog, onFault)
    const port = yield* openAdmin(
      { ...opened, keys, config },
      { port: asked, host: Option.none(), credential: place, onAnswered, onDefect: onFault, onFault },
    )
    return { port, credential: yield* openCredential(place) }
  })
  const { port, credential } = await Effect.runPromise(Scope.provide(opening, scope))
  return {
    url: `http://localhost:${port}`,
    credential,
    told,
    [Symbol.asyncDispose]: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}

/** What an access log has, once it has that many lines: it is written behind the answers. */
export const linesOf = (path: string): ReadonlyArray<string> => readFileSync(path, "utf8").split("\n").slice(0, -1)
