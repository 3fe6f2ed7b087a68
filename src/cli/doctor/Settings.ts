/** What the settings say by themselves: contradictions that `serve` refuses, and what is seldom meant. */
import * as Option from "effect/Option"
import { isThisMachine } from "../../protocol/index.ts"
import { isLoopbackIssuer } from "../../provider/index.ts"
import type { ServeFlags } from "../ServeFlags.ts"
import { advice, type Finding } from "./Finding.ts"

/** What is said, and whether it applies. */
type Advice = readonly [applies: boolean, about: string, message: string]

/** What is allowed for clients that are elsewhere, and seldom meant. */
const forElsewhere = (given: ServeFlags, issuer: string): ReadonlyArray<Advice> => {
  const isListeningToAll = Option.exists(given.host, (host) => !isThisMachine(host))
  const isBehindProxy = Option.isSome(given.trustedProxy)
  return [
    [
      !isBehindProxy,
      "proxy",
      "no --trusted-proxy: all that the TLS proxy passes on share the limits of one source; name the proxy's address",
    ],
    [
      !isBehindProxy && isListeningToAll,
      "proxy",
      "--host is open to the network: listen on a loopback, so that nobody goes round the TLS proxy",
    ],
    [issuer.endsWith("/"), "issuer", "the issuer ends in a slash: clients and resource servers must write it so"],
    [
      given.registration === "open",
      "registration",
      "anybody may register a client: --registration invited or off ends that",
    ],
    [
      Option.isNone(given.checkpointCopy) && given.store !== "memory:",
      "checkpoints",
      "no --checkpoint-copy: whoever replaces the store by an old one can replace its last checkpoint as well",
    ],
  ]
}

/** What an operator may have decided, and should know. */
export const settingsAdvice = (given: ServeFlags, issuer: string): ReadonlyArray<Finding> => {
  const everywhere: ReadonlyArray<Advice> = [
    [Option.isSome(given.autoApprove), "auto-approval", "--auto-approve is for development: nobody is asked"],
    [
      Option.exists(given.adminHost, (host) => !isThisMachine(host)),
      "admin API",
      "--admin-host is open to the network, where its credential can be read on the way: listen on a loopback, and reach that through a tunnel or a TLS proxy",
    ],
    [given.store === "memory:", "store", "memory: keeps nothing: everything is gone when the server stops"],
  ]
  const elsewhere = isLoopbackIssuer(issuer) ? [] : forElsewhere(given, issuer)
  return [...everywhere, ...elsewhere].flatMap(([applies, about, message]) => (applies ? [advice(about, message)] : []))
}
