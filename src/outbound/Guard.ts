/**
 * The one judge of where requests may go: a server elsewhere sends nobody to this machine or into a private network.
 *
 * What counts is what the user named. An address of this machine may lead anywhere, one in a private network not to this
 * machine, and any other only to public addresses. A host that the user named may lie in a private network itself. Names
 * are judged by what they resolve to, at every connection; a name that was public once stays so. What a stranger names
 * is for {@link publicGuard}.
 */
import dns from "node:dns"
import type { LookupFunction } from "node:net"
import { isWithinReach, kindOfAddress, kindOfHost, type Kind } from "./Address.ts"

/** A request that was not sent; the message says where it was to go. */
export class AddressRefused extends Error {
  override readonly name = "AddressRefused"
  readonly code = "address_refused"
}

export interface GuardOptions {
  /** What the user named and talks to. */
  readonly target: URL
  /** What the user named besides. */
  readonly also?: ReadonlyArray<URL>
  /** Where a host that the user named by name may lie; default `private`. */
  readonly namedReach?: Kind
}

export interface Guard {
  /** Throws an {@link AddressRefused} for a URL whose host, as it is written, may not be asked. */
  readonly check: (url: URL) => void
  /** Resolves a name to the addresses that may be asked; fails with an {@link AddressRefused} where it has none. */
  readonly lookup: LookupFunction
}

//= RFC9728-7.7-ssrf
export const makeGuard = ({ target, also = [], namedReach = "private" }: GuardOptions): Guard => {
  const reach = kindOfHost(target.hostname) ?? "public"
  const named = [target, ...also]
  const wasPublic = new Set<string>()

  const reachOf = (hostname: string): Kind => {
    const isNamed = named.some((url) => url.hostname === hostname)
    return isNamed && !wasPublic.has(hostname) && isWithinReach(reach, namedReach) ? namedReach : reach
  }
  return {
    check: (url) => {
      const kind = kindOfHost(url.hostname)
      if (kind === undefined || isWithinReach(kind, reach) || named.some(({ origin }) => origin === url.origin)) return
      throw new AddressRefused(
        `\`${url.origin}\` is an address of this machine or its network, where \`${target.origin}\` may send nobody: ask whoever runs it`,
      )
    },
    lookup: lookupWithin((hostname, found) => {
      // Whoever answers for a name that has a public address could put another beside it.
      if (found.some(({ address }) => kindOfAddress(address) === "public")) wasPublic.add(hostname)
      return reachOf(hostname)
    }, ": if that is meant, name it by its address"),
  }
}

/** Resolves a name to those of its addresses that lie no further than `reachOf` says. */
const lookupWithin =
  (reachOf: (hostname: string, found: ReadonlyArray<dns.LookupAddress>) => Kind, remedy: string): LookupFunction =>
  (hostname, options, callback) => {
    dns.lookup(hostname, { ...options, all: true }, (error, found) => {
      if (error !== null) return callback(error, "")
      const limit = reachOf(hostname, found)
      const allowed = found.filter(({ address }) => isWithinReach(kindOfAddress(address), limit))
      const [first] = allowed
      if (first === undefined) {
        const where = found[0]?.address ?? "no address"
        const message = `\`${hostname}\` leads to ${where}, an address of this machine or its network${remedy}`
        return callback(new AddressRefused(message), "")
      }
      return options.all === true ? callback(null, allowed) : callback(null, first.address, first.family)
    })
  }

/** Lets through what leads to a public address, whoever named it, and remembers nothing: for what a stranger names. */
//= CIMD-6.5-ssrf
export const publicGuard: Guard = {
  check: ({ hostname, origin }) => {
    if ((kindOfHost(hostname) ?? "public") === "public") return
    throw new AddressRefused(`\`${origin}\` is an address of this machine or its network`)
  },
  lookup: lookupWithin(() => "public", ""),
}

/** The refusal behind what `fetch` rejected with, where that is the cause. */
export const refusalIn = (error: unknown): AddressRefused | undefined => {
  if (error instanceof AddressRefused) return error
  return error instanceof Error && error.cause !== undefined ? refusalIn(error.cause) : undefined
}
