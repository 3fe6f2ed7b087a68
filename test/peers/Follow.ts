/**
 * A browser without a screen: follows redirects by hand, with cookies, until one leads to where nobody listens.
 *
 * Submits no form and runs no script: whoever needs one of them has not approved by itself.
 */
const MAX_HOPS = 10

export interface Hop {
  readonly method: "GET"
  readonly url: URL
  readonly status: number
  /** Name and path of every cookie that was set. */
  readonly cookies: ReadonlyArray<string>
}

export interface Followed {
  /** The redirect URI with what the server added to it. */
  readonly location: URL
  readonly hops: ReadonlyArray<Hop>
}

interface Cookie {
  readonly name: string
  readonly value: string
  readonly path: string
}

const cookieFrom = (header: string, { pathname }: URL): Cookie => {
  const [pair = "", ...attributes] = header.split(/; */)
  const [name = "", ...value] = pair.split("=")
  const path = attributes.find((one) => /^path=/i.test(one))?.slice("path=".length)
  return { name, value: value.join("="), path: path ?? pathname.replace(/\/[^/]*$/, "/") }
}

/** RFC 6265 5.1.4. */
const isOnPath = ({ path }: Cookie, { pathname }: URL): boolean =>
  pathname === path || pathname.startsWith(path.endsWith("/") ? path : `${path}/`)

export const follow = async (start: string, redirectUri: string): Promise<Followed> => {
  const jar = new Map<string, Cookie>()
  const hops: Array<Hop> = []
  let url = new URL(start)
  while (hops.length < MAX_HOPS) {
    const cookie = [...jar.values()].filter((one) => isOnPath(one, url)).map(({ name, value }) => `${name}=${value}`)
    const response = await fetch(url, {
      redirect: "manual",
      headers: cookie.length === 0 ? {} : { cookie: cookie.join("; ") },
    })
    const set = response.headers.getSetCookie().map((header) => cookieFrom(header, url))
    for (const one of set) jar.set(`${one.name} ${one.path}`, one)
    const { status } = response
    hops.push({ method: "GET", url, status, cookies: set.map(({ name, path }) => `${name} ${path}`) })
    const to = response.headers.get("location")
    const text = await response.text()
    if (to === null) throw new Error(`${url.pathname} was answered with ${status} and no redirect: ${text}`)
    url = new URL(to, url)
    if (url.href.startsWith(redirectUri)) return { location: url, hops }
  }
  throw new Error(`no end after ${MAX_HOPS} redirects`)
}
