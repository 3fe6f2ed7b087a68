/**
 * A host with its port, as requests and addresses name it: one by all the ways to write it (RFC 9110 4.2.3).
 *
 * The port of a scheme may be left out or not, letters are large or small, a name may end in the dot of the root, and
 * an IPv6 address is short or long. Nothing is resolved, decoded or repaired: what is no host and port is none.
 */
import { isLoopbackHost } from "../protocol/index.ts"

/** A name, an IPv4 address, or an IPv6 address in brackets, with an optional port. */
const AUTHORITY = /^(?:[a-z0-9._-]+|\[[0-9a-f:.]+\])(?::\d*)?$/i

/** The origin at `authority` as URLs write it, with the root dot if it has one; `undefined` when it is no host and port. */
export const originAt = (protocol: string, authority: string): string | undefined => {
  const url = `${protocol}//${authority}`
  return AUTHORITY.test(authority) && URL.canParse(url) ? new URL(url).origin : undefined
}

/** The origin of a text that is one and no more, as `Origin` has it; `undefined` when it is something else. */
export const readOrigin = (text: string): string | undefined => {
  const [, protocol, authority] = /^(https?:)\/\/(.*)$/is.exec(text) ?? []
  return protocol === undefined ? undefined : originAt(protocol, authority!)
}

/** Whether two origins, as they are given here, are one: the dot of the root names the same host. */
export const isSameOrigin = (one: string, other: string): boolean => withoutRootDot(one) === withoutRootDot(other)

const withoutRootDot = (origin: string): string => origin.replace(/\.(?=$|:\d+$)/, "")

/** Whether the issuer is a plain http URL on this machine, as in development. */
export const isLoopbackIssuer = (issuer: string): boolean => {
  const [start] = /^http:\/\/[^/]*/i.exec(issuer) ?? []
  const origin = start === undefined ? undefined : readOrigin(start)
  return origin !== undefined && isLoopbackHost(new URL(withoutRootDot(origin)).hostname)
}
