/**
 * Where the keys of a server's clients come from: fetched behind the guard, as far as a stranger may send the server.
 *
 * Whoever registers names an address of its own choice. A server for the public goes to public addresses alone; one whose
 * issuer is this machine is for development, and may go to others there.
 */
import { guardedFetch, makeGuard } from "../outbound/index.ts"
import type { ProtocolServer } from "../provider/index.ts"
import { makeKeysOf, type KeysOf } from "../provider/features/clients/PublishedKeys.ts"

export const clientKeysOf = ({ settings, now }: Pick<ProtocolServer, "settings" | "now">): KeysOf =>
  makeKeysOf({ fetch: guardedFetch(makeGuard({ target: new URL(settings.issuer), namedReach: "public" })), now })
