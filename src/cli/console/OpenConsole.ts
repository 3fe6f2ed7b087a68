/** Opening the console beside a server that serves; its pages bring the index up to date, and wait for nothing. */
import * as Effect from "effect/Effect"
import type * as Scope from "effect/Scope"
import type { KeptCheckpoints } from "../../audit/console/LogState.ts"
import type { MountedEndpoint } from "../../http/index.ts"
import type { StoreFault } from "../../log/index.ts"
import { openIndexed } from "../audit/OpenAudit.ts"
import { consoleEndpoints, type ConsoleParts } from "./Console.ts"
import type { ServerStore } from "../../provider/index.ts"

export interface ConsoleOptions extends Pick<ConsoleParts, "issuer" | "location" | "password" | "onFault"> {
  readonly kept: KeptCheckpoints | undefined
}

/** Its endpoints, for as long as the scope lives. */
export const openConsole = (
  log: ServerStore,
  parts: ConsoleOptions,
): Effect.Effect<ReadonlyArray<MountedEndpoint>, StoreFault, Scope.Scope> =>
  Effect.map(openIndexed(log, parts.location.file), (audit) => consoleEndpoints({ ...parts, audit }))
