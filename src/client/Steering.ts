/**
 * Where a server may send a client for documents: a server elsewhere not to this machine, nor into a private network.
 *
 * Judged by the address as it is written; a name that resolves to such an address is not seen here.
 */
import ipaddr from "ipaddr.js"
import { DiscoveryError } from "./ClientError.ts"
import { isLoopback } from "./Endpoint.ts"
import type { Fetch } from "./Outbound.ts"

const isInternal = (url: URL): boolean => {
  if (isLoopback(url)) return true
  const host = url.hostname.replace(/^\[|\]$/g, "")
  return ipaddr.isValid(host) && ipaddr.process(host).range() !== "unicast"
}

/** `fetch` for documents that were named on behalf of `called`; rejects with a {@link DiscoveryError}. */
//= RFC9728-7.7-ssrf
export const steered = (fetch: Fetch, called: URL): Fetch => {
  if (isInternal(called)) return fetch
  return async (input, init) => {
    const url = new URL(input instanceof Request ? input.url : input)
    if (!isInternal(url)) return fetch(input, init)
    const message = `\`${called.origin}\` sends its clients to \`${url.origin}\`, which is an address of this machine or its network: ask whoever runs it`
    throw new DiscoveryError({ code: "endpoint_insecure", message })
  }
}
