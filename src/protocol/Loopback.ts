/**
 * This machine: what is sent to a loopback host never leaves it, so that plain http is safe there.
 *
 * A host that somebody registers or configures has one of three spellings, which leave nothing to interpretation. Where
 * it only matters that a request stays here, every loopback address will do. Nothing is resolved.
 */

/** The literals of RFC 8252 7.3 as URLs spell them, and, a stated deviation, `localhost`. */
export const isLoopbackHost = (host: string): boolean =>
  host === "localhost" || host === "127.0.0.1" || host === "[::1]"

/** Whether nothing but this machine is reached at `host`: any loopback address (RFC 1122 3.2.1.3), in brackets or not. */
export const isThisMachine = (host: string): boolean =>
  isLoopbackHost(host) || host === "::1" || /^127(?:\.\d{1,3}){3}$/.test(host)
