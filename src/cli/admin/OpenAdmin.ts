/** The admin API beside a server that serves: an address of its own, and the same store, kept open. */
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import type * as Scope from "effect/Scope"
import * as Semaphore from "effect/Semaphore"
import { httpServer, type EndpointOptions } from "../../http/index.ts"
import { wireListener } from "../../http/adapters/Node.ts"
import type { Config, ConfigFault, Failure, KeyRingFile, ServerStore } from "../../provider/index.ts"
import type { StoreFault } from "../../log/index.ts"
import { openIndexed } from "../audit/OpenAudit.ts"
import { requestOriginsBy } from "../audit/RequestOrigins.ts"
import type { Beside, Forgettable } from "../Beside.ts"
import type { CommandFault, UsageFault } from "../Failure.ts"
import { listen } from "../Listen.ts"
import { serverForOperator } from "../OpenStore.ts"
import type { StoreLocation } from "../StoreLocation.ts"
import { adminEndpoints } from "./AdminEndpoints.ts"
import { openCredential, type CredentialPlace } from "./Credential.ts"
import { documentOf } from "./Document.ts"
import { refusal } from "./Refusals.ts"
import { operations } from "./operations/index.ts"
import type { Place } from "./Place.ts"

/** What a server has open, and what its operator works on. */
export interface Served extends Forgettable {
  readonly log: ServerStore
  readonly keys: KeyRingFile
  readonly config: Pick<Config, "issuer" | "appSchemes">
  readonly location: StoreLocation
  readonly beside: Beside
}

/** Where operations are carried out in a server, for as long as the scope lives. */
const servedPlace = Effect.fnUntraced(function* ({
  log,
  keys,
  config,
  location,
  beside,
  ...forgettable
}: Served): Effect.fn.Return<Place, ConfigFault | StoreFault | Failure, Scope.Scope> {
  const server = yield* serverForOperator(log, keys, config, forgettable)
  const audit = yield* openIndexed(log, location.file)
  // One brings the index up to date, and the others wait for it.
  const indexing = Semaphore.makeUnsafe(1)
  return {
    workplace: Effect.succeed({ server, log, beside, ...forgettable }),
    examined: Effect.as(indexing.withPermits(1)(audit.index.catchUp()), { audit, location, beside }),
    withArchives: Effect.succeed,
    signingKeys: beside.mayHaveSigningKeys()
      ? Effect.scoped(Effect.flatMap(beside.openSigningKeys(keys), ({ list }) => list))
      : Effect.succeed([]),
    requestOrigins: requestOriginsBy(forgettable),
    onProgress: () => {},
  }
})

export interface AdminOptions {
  readonly port: number
  readonly host: Option.Option<string>
  readonly credential: CredentialPlace
  readonly onAnswered: EndpointOptions["onAnswered"] | undefined
  readonly onDefect: (defect: unknown) => void
  /** Told why something could not be answered, in a sentence for the operator. */
  readonly onFault: (sentence: string) => void
}

/** Whoever sends so much more than any operation takes is answered before it is there. */
const tooLarge = { ...refusal("too_large"), headers: { ...refusal("too_large").headers, connection: "close" } }

/** Serves it, for as long as the scope lives; gives the port that was chosen. */
export const openAdmin = Effect.fnUntraced(function* (
  served: Served,
  { port, host, credential, onAnswered, onDefect, onFault }: AdminOptions,
): Effect.fn.Return<number, CommandFault | UsageFault | ConfigFault | StoreFault | Failure, Scope.Scope> {
  let document: string | undefined
  const endpoints = adminEndpoints({
    place: yield* servedPlace(served),
    operations,
    credential: yield* openCredential(credential),
    document: () => (document ??= documentOf(operations)),
    host: Option.getOrUndefined(host),
    onAnswered,
    onDefect,
    onFault,
  })
  const listener = wireListener(endpoints, { onDefect, refused: () => tooLarge })
  return yield* listen(() => httpServer(listener), Option.getOrUndefined(host), port, "admin-")
})
