/**
 * Addresses that a client may send something to: TLS, or this very machine.
 *
 * Metadata is written by others. What it names is compared as it is spelled; nothing here opens a connection.
 */
import { isThisMachine } from "../protocol/index.ts"

/** Whether secrets may travel there. */
export const isSecure = ({ protocol, hostname }: URL): boolean =>
  protocol === "https:" || (protocol === "http:" && isThisMachine(hostname))

/** The address, where it is one and secrets may travel there: without user info and fragment. */
export const secureUrl = (text: string): URL | undefined => {
  const url = URL.parse(text)
  if (url === null || !isSecure(url)) return undefined
  return url.username === "" && url.password === "" && url.hash === "" ? url : undefined
}
