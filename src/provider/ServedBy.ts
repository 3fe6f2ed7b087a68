/**
 * What everything that serves is given: one `server`, in whichever form a program has it.
 *
 * Programs have what `authorizationServer` resolved with; Effect programs have what `makeServer` succeeds with; and
 * `fromOAuthProvider` gives the second form of anybody's provider. What is none of these is refused when it is given.
 */
import type { ProtocolServer } from "./AuthorizationServer.ts"
import { ConfigFault } from "./ConfigFault.ts"

export type ServedBy<Server extends ProtocolServer> = Server | { readonly effects: Server }

/** The server's operations as Effects; throws a {@link ConfigFault} where none were given. */
export const effectsOf = <Server extends ProtocolServer>(server: ServedBy<Server>): Server => {
  const given: unknown = server
  const effects = typeof given === "object" && given !== null && "effects" in given ? given.effects : given
  if (typeof effects === "object" && effects !== null && "settings" in effects) return effects as Server
  const message =
    "`server` is no server: give what `authorizationServer` resolved with (await it), or what `fromOAuthProvider` returned"
  throw new ConfigFault({ message })
}
