/**
 * The way to the user's browser: opened where there is one, else the link is printed for the user to carry.
 *
 * Only https and loopback addresses are ever handed to the system.
 */
import open from "open"
import { isSecure } from "./Endpoint.ts"

/** Shows the user the link; says whether a browser took it. */
export type OpenBrowser = (url: string) => boolean | void | Promise<boolean | void>

/** Opens the system's browser. */
export const openSystemBrowser: OpenBrowser = async (url) => {
  if (!isSecure(new URL(url))) return false
  try {
    const child = await open(url)
    return await new Promise<boolean>((resolve) => {
      child.once("error", () => resolve(false))
      child.once("spawn", () => resolve(true))
    })
  } catch {
    return false
  }
}

/** Tells a person at a terminal where to go; standard output belongs to the program. */
export const printLink = (url: string): void => {
  process.stderr.write(`open this address in a browser to log in:\n\n  ${url}\n\n`)
}
