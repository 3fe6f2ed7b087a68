/**
 * The way to the user's browser: opened where there is one, else the link is printed for the user to carry.
 *
 * Only https and loopback addresses are ever handed to the system.
 */
import { isSecure } from "../SecureUrl.ts"

/** Shows the user the link; says whether a browser took it. */
export type OpenBrowser = (url: string) => boolean | void | Promise<boolean | void>

/** Opens the system's browser. */
export const openSystemBrowser: OpenBrowser = async (url) => {
  if (!isSecure(new URL(url))) return false
  try {
    // Loaded when a browser is opened, which most runs of a program never do.
    const { default: open } = await import("open")
    // Settles once the program was started, or could not be: nothing of it is to be waited for afterwards.
    await open(url)
    return true
  } catch {
    return false
  }
}

/** Has the link opened, or tells a person at a terminal where to go; says whether it was opened. */
export const showLink = async (openBrowser: OpenBrowser, url: string): Promise<boolean> => {
  if ((await openBrowser(url)) !== false) return true
  // Standard output belongs to the program.
  process.stderr.write(`open this address in a browser to log in:\n\n  ${url}\n\n`)
  return false
}
