/**
 * Which addresses secrets and tokens may be sent to: https ones, and http ones on this machine.
 */
import { isLoopbackHost } from "./Loopback.ts"

/** Why nothing may be sent to `address`, as the end of a sentence; `undefined` when it may. */
export const addressFault = (address: string): string | undefined => {
  // Neither quotes nor backslashes: addresses stand in quoted strings of headers.
  if (!/^[!#-[\]-~]+$/.test(address) || !URL.canParse(address)) return "is not a URL"
  const { protocol, hostname, username, password } = new URL(address)
  const isSecure = protocol === "https:" || (protocol === "http:" && isLoopbackHost(hostname))
  if (!isSecure) return "is not https; http is for localhost, 127.0.0.1 and [::1]"
  if (address.includes("#")) return "has a fragment"
  if (username !== "" || password !== "") return "has user information"
  return undefined
}
