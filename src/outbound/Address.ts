/**
 * What kind of place a host is: public, in a private network, or on this machine.
 *
 * Pure. An address counts as what it leads to, however it is written: the URL parser has already made one of all forms of
 * IPv4, and an IPv4 address inside an IPv6 one is taken out here. What is meant for no host at all counts as this machine.
 */
import ipaddr from "ipaddr.js"

export type Kind = "public" | "private" | "local"

const ranks: Readonly<Record<Kind, number>> = { public: 0, private: 1, local: 2 }

/** Whether who may go as far as `reach` may go to a place of this kind. */
export const isWithinReach = (kind: Kind, reach: Kind): boolean => ranks[kind] <= ranks[reach]

const PRIVATE: ReadonlySet<string> = new Set(["private", "uniqueLocal", "carrierGradeNat"])

/** The IPv4 address that an IPv6 one leads to: IPv4-compatible (RFC 4291 2.5.5.1), or by NAT64 (RFC 6052 2.1). */
const embedded = (address: ipaddr.IPv6): ipaddr.IPv4 | undefined => {
  const { parts } = address
  const isCompatible = parts.slice(0, 6).every((part) => part === 0) && parts[6] !== 0
  const isTranslated = parts[0] === 0x64 && parts[1] === 0xff9b && parts.slice(2, 6).every((part) => part === 0)
  return isCompatible || isTranslated ? new ipaddr.IPv4(address.toByteArray().slice(12)) : undefined
}

/** The kind of an IP address in its usual form; what is none counts as this machine. */
export const kindOfAddress = (text: string): Kind => {
  if (!ipaddr.isValid(text)) return "local"
  const address = ipaddr.process(text)
  const meant = address instanceof ipaddr.IPv6 ? (embedded(address) ?? address) : address
  const range = meant.range()
  return range === "unicast" ? "public" : PRIVATE.has(range) ? "private" : "local"
}

/** The kind of a URL's host as it is written; `undefined` for a name, which has to be resolved. */
export const kindOfHost = (hostname: string): Kind | undefined => {
  const host = hostname.replace(/^\[|\]$/g, "")
  if (ipaddr.isValid(host)) return kindOfAddress(host)
  // RFC 6761 6.3: these are this machine, whoever resolves them.
  const name = host.toLowerCase().replace(/\.$/, "")
  return name === "localhost" || name.endsWith(".localhost") ? "local" : undefined
}
