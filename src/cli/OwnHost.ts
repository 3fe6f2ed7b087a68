/** Whether a request came by a name that is this listener's own: a page can have any other name lead here (DNS rebinding). */
import { isIP } from "node:net"
import { isThisMachine } from "../protocol/index.ts"

/** Whether nobody can have let another name lead here: an IP address, localhost, or the name that was given. */
export const isOwnHost = (header: string, own: string | undefined): boolean => {
  if (!URL.canParse(`http://${header}`)) return false
  const { hostname } = new URL(`http://${header}`)
  const bare = hostname.replace(/^\[(.*)\]$/, "$1")
  return isIP(bare) !== 0 || isThisMachine(hostname) || hostname === own?.toLowerCase()
}
