/**
 * The address of a database: `postgres://USER:PASSWORD@HOST:PORT/DATABASE`. It may list several hosts, separated by commas;
 * the one that accepts writes is used. Never shows the password.
 */
import { StoreFault } from "../EventLog.ts"

export interface Host {
  readonly host: string
  readonly port: number
}

export interface Address {
  /** The address with its first host only. */
  readonly url: URL
  /** Empty when the address leaves the host to the driver's default, or names a socket in the file system. */
  readonly hosts: ReadonlyArray<Host>
}

const DEFAULT_PORT = 5432

/** Three groups: scheme with user and password, the hosts, and the rest. */
const PARTS = /^([^:/?#]+:\/\/(?:[^/?#]*@)?)([^/?#@]*)(.*)$/

const hostOf = ({ hostname, port }: URL): Host => ({
  host: hostname.replace(/^\[(.*)\]$/, "$1"),
  port: port === "" ? DEFAULT_PORT : Number(port),
})

/** Reads an address; throws a {@link StoreFault} for a text that is none. */
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

/** The address as it may be shown: host, database and user, without the password. */
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
