/** A store in a file that is served in this process under its own issuer, with a checkpoint that agrees with it. */
import { chmodSync, readdirSync } from "node:fs"
import { basename, dirname, join } from "node:path"
import { Effect, Exit, Option, Scope } from "effect"
import { checkpointNow } from "../../src/audit/index.ts"
import { deferredListener, listen } from "../../src/cli/Listen.ts"
import { openForOperator } from "../../src/cli/OpenStore.ts"
import { httpServer, nodeListener } from "../../src/http/index.ts"
import { liveRandomness } from "../../src/provider/index.ts"

export interface ServedHere extends AsyncDisposable {
  /** Where it answers, which is its issuer. */
  readonly url: string
}

/** Serves it; made where it is not there. */
export const serveHere = async (file: string): Promise<ServedHere> => {
  const scope = Scope.makeUnsafe()
  const opening = Effect.gen(function* () {
    const deferred = deferredListener()
    const port = yield* listen(() => httpServer(deferred.listener), undefined, 0, "")
    const issuer = `http://localhost:${port}`
    const [beside, keysFile] = [Option.none(), Option.none()]
    const opened = yield* openForOperator({ store: `sqlite:${file}`, beside, keysFile, issuer: Option.some(issuer) })
    const { checkpoints } = opened.beside
    yield* checkpointNow(opened.log, yield* checkpoints.openKey(issuer, liveRandomness), checkpoints)
    deferred.set(nodeListener(opened.server))
    // The command's files are private by its process's umask, and a thread has none of its own.
    for (const name of readdirSync(dirname(file)))
      if (name.startsWith(basename(file))) chmodSync(join(dirname(file), name), 0o600)
    return issuer
  })
  return {
    url: await Effect.runPromise(Scope.provide(opening, scope)),
    [Symbol.asyncDispose]: () => Effect.runPromise(Scope.close(scope, Exit.void)),
  }
}
