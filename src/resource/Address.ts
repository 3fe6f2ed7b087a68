/**
 * Which addresses secrets and tokens may be sent to: https ones, and http ones on this machine.
 */

const isLoopback = ({ protocol, hostname }: URL): boolean =>
  protocol === "http:" && /^(?:localhost|127\.0\.0\.1|\[::1\])$/.test(hostname)

/** Why nothing may be sent to `address`, as the end of a sentence; `undefined` when it may. */
export const addressFault = (address: string): string | undefined => {
  // Neither quotes nor backslashes: addresses stand in quoted strings of headers.
  if (!/^[!#-[\]-~]+$/.test(address) || !URL.canParse(address)) return "is not a URL"
  const url = new URL(address)
  if (url.protocol !== "https:" && !isLoopback(url)) return "is not https; http is for localhost, 127.0.0.1 and [::1]"
  if (address.includes("#")) return "has a fragment"
  if (url.username !== "" || url.password !== "") return "has user information"
  return undefined
}
