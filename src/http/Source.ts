/**
 * Where a request came from: the peer's address, or what a proxy that is trusted says of it.
 *
 * A header is believed only as far as trusted proxies wrote it: read from the right, the first address that is none of
 * them is the source. From any other peer the header changes nothing, so nobody chooses their own source.
 */
import ipaddr from "ipaddr.js"
import { ConfigFault } from "../provider/index.ts"
import type { WireRequest } from "../provider/features/Wire.ts"

type Network = ReturnType<typeof ipaddr.parseCIDR>

/** Forms that only look like an address: octal, hexadecimal, or fewer than four parts. */
const isPlain = (text: string): boolean => ipaddr.IPv6.isValid(text) || ipaddr.IPv4.isValidFourPartDecimal(text)

const networkOf = (text: string): Network => {
  try {
    return text.includes("/") ? ipaddr.parseCIDR(text) : [ipaddr.parse(text), text.includes(":") ? 128 : 32]
  } catch {
    throw new ConfigFault({
      message: `the trusted proxy \`${text}\` is neither an address nor a network like 10.0.0.0/8`,
    })
  }
}

/** Gives the source for a peer and its `X-Forwarded-For`; throws a {@link ConfigFault} when a network is none. */
export const sourceResolver = (
  trustedProxies: ReadonlyArray<string>,
): ((peer: string, forwardedFor: string | undefined) => string) => {
  const networks = trustedProxies.map(networkOf)
  const isTrusted = (text: string): boolean => {
    if (!isPlain(text)) return false
    const address = ipaddr.process(text)
    return networks.some(([network, bits]) => address.kind() === network.kind() && address.match(network, bits))
  }
  if (networks.length === 0) return (peer) => peer
  return (peer, forwardedFor) => {
    const hops = (forwardedFor ?? "").split(",").map((hop) => hop.trim())
    let source = peer
    // A hop that is no address ends what can be believed.
    //= RFC9700-4.13-proxy-headers
    while (isTrusted(source) && isPlain(hops.at(-1) ?? "")) source = hops.pop()!
    return source
  }
}

/** How much of an IPv6 address one subscriber gets, and how much of it whoever asks for networks may get. */
const SUBSCRIBER_PARTS = 4
const NETWORK_PARTS = 3

const networkIn = (address: ipaddr.IPv6, partCount: number): string => {
  const parts = address.parts.slice(0, partCount).map((part) => part.toString(16))
  return `${parts.join(":")}::/${partCount * 16}`
}

/** How the names begin that proxies, load balancers and tunnels give their own headers. */
const forwardingPrefixes = (
  "cdn- cf- cloudfront- fastly- fly- ngrok- tailscale- x-amz x-appengine- x-arr- x-azure- x-cloud-trace- x-envoy- " +
  "x-forwarded x-original x-vercel-"
).split(" ")

/** What others tell of whom they speak for. */
const forwardingHeaders: ReadonlySet<string> = new Set(
  (
    "client-ip forwarded forwarded-for true-client-ip via x-client-ip x-cluster-client-ip x-proxyuser-ip x-real-ip " +
    "x-remote-addr x-remote-ip"
  ).split(" "),
)

/** Whether somebody says to have passed a request on: then the address it came from is not the visitor's. */
export const isForwarded = (headers: WireRequest["headers"]): boolean =>
  Object.keys(headers).some(
    (name) => forwardingHeaders.has(name) || forwardingPrefixes.some((prefix) => name.startsWith(prefix)),
  )

/** What counts as one source: an IPv4 address, or the network that one subscriber of IPv6 gets (a /64). */
export const sourceGroup = (source: string): string => {
  if (!isPlain(source)) return source
  const address = ipaddr.process(source)
  return address instanceof ipaddr.IPv4 ? address.toString() : networkIn(address, SUBSCRIBER_PARTS)
}

/** The wider network of a source, which one hand may hold (a /48 of IPv6); `undefined` where there is none. */
export const networkGroup = (source: string): string | undefined => {
  const address = isPlain(source) ? ipaddr.process(source) : undefined
  return address instanceof ipaddr.IPv6 ? networkIn(address, NETWORK_PARTS) : undefined
}
