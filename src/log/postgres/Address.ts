/**
 * Where a database is: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`, or several hosts, separated by commas, one of which
 * can be written and is the one that is meant. Never shows the password.
 */
import { StoreFault } from "../EventLog.ts"

export interface Host {
  readonly host: string
  readonly port: number
}

export interface Address {
  /** With the first of the hosts alone. */
  readonly url: URL
  /** None where the driver's own default is meant, or a socket in the file system. */
  readonly hosts: ReadonlyArray<Host>
}

const DEFAULT_PORT = 5432

/** Scheme, user and password; the hosts; and the rest. */
const PARTS = /^([^:/?#]+:\/\/(?:[^/?#]*@)?)([^/?#@]*)(.*)$/

const hostOf = ({ hostname, port }: URL): Host => ({
  host: hostname.replace(/^\[(.*)\]$/, "$1"),
  port: port === "" ? DEFAULT_PORT : Number(port),
})

/** Throws a {@link StoreFault} for what is no address. */
export const addressOf = (text: string): Address => {
  try {
    const [, before = "", hosts = "", after = ""] = PARTS.exec(text) ?? []
    const urls = hosts.split(",").map((host) => new URL(before + host + after))
    const isOnNetwork = hosts !== "" && !/%2f/i.test(hosts)
    return { url: urls[0]!, hosts: isOnNetwork ? urls.map(hostOf) : [] }
  } catch {
    const message =
      "the address of the database cannot be read: write it as postgres://USER:PASSWORD@HOST:PORT/DATABASE"
    throw new StoreFault({ reason: "other", message })
  }
}

/** Where it is, and whose name it is opened by. */
export const shownAddress = (text: string): string => {
  try {
    const { url, hosts } = addressOf(text)
    const user = url.username === "" ? "" : `${url.username}@`
    const shown = hosts.length > 1 ? hosts.map(({ host, port }) => `${host}:${port}`).join() : url.host
    return `${url.protocol}//${user}${shown}${url.pathname}`
  } catch {
    return "postgres:"
  }
}
