/**
 * The browser of a login: follows redirects with its cookies until it is sent to where it waits, or meets a page.
 *
 * It submits nothing: no form, no button, no script. A server that approves by itself leads it back; any other shows a
 * page, and then a person has to sign in.
 */
import { makeCookies } from "./Cookies.ts"
import { isOurs } from "./Registration.ts"
import type { Wire } from "./Wire.ts"

const MAX_HOPS = 12

/** Where the walk ended. */
export type Walk =
  /** The server sent the browser to `location`, a URL, which was waited for. */
  | { readonly _tag: "Arrived"; readonly location: string }
  /** A page, or another answer that leads nowhere. */
  | { readonly _tag: "Page"; readonly url: string; readonly status: number }
  /** A redirect to where nobody waits and where no request may go. */
  | { readonly _tag: "Away"; readonly location: string }

export interface Browser {
  readonly walk: (url: string, isArrival: (location: string) => boolean) => Promise<Walk>
}

export const makeBrowser = (wire: Wire): Browser => {
  const cookies = makeCookies()
  return {
    walk: async (start, isArrival) => {
      let url = start
      for (let hop = 0; hop < MAX_HOPS; hop += 1) {
        const cookie = cookies.headerFor(url)
        const headers = cookie === undefined ? {} : { cookie }
        const answer = await wire.send({ method: "GET", url, headers, isPage: true })
        cookies.take(url, answer.headers)
        const target = answer.headers.get("location")
        if (target === null || answer.status < 300 || answer.status > 399) {
          return { _tag: "Page", url, status: answer.status }
        }
        if (URL.canParse(target) && isArrival(target)) return { _tag: "Arrived", location: target }
        const next = URL.canParse(target, url) ? new URL(target, url).href : target
        if (!wire.isAllowed(next) || isOurs(next)) return { _tag: "Away", location: target }
        url = next
      }
      return { _tag: "Page", url, status: 310 }
    },
  }
}
