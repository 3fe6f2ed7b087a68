/**
 * The cookies of a browser that walks through a login: kept by host and path, forgotten with the check.
 *
 * As much of RFC 6265 as a login needs; attributes that only protect a person are not kept.
 */

interface Cookie {
  readonly name: string
  readonly value: string
  readonly host: string
  readonly path: string
}

export interface Cookies {
  /** Takes over what an answer from `url` sets. */
  readonly take: (url: string, headers: Headers) => void
  /** The `cookie` header for `url`; `undefined` when there are none. */
  readonly headerFor: (url: string) => string | undefined
}

const isWithin = (path: string, folder: string): boolean =>
  path === folder || path.startsWith(folder.endsWith("/") ? folder : `${folder}/`)

const parse = (url: URL, line: string): { readonly cookie: Cookie; readonly isGone: boolean } | undefined => {
  const [pair = "", ...attributes] = line.split(";").map((part) => part.trim())
  const equals = pair.indexOf("=")
  if (equals < 1) return undefined
  const attribute = (name: string): string | undefined =>
    attributes.find((one) => one.toLowerCase().startsWith(`${name}=`))?.slice(name.length + 1)
  const folder = url.pathname.slice(0, url.pathname.lastIndexOf("/")) || "/"
  const path = attribute("path")?.startsWith("/") ? attribute("path")! : folder
  const expires = Date.parse(attribute("expires") ?? "")
  const isGone = Number(attribute("max-age") ?? 1) <= 0 || expires <= Date.now()
  return { cookie: { name: pair.slice(0, equals), value: pair.slice(equals + 1), host: url.host, path }, isGone }
}

export const makeCookies = (): Cookies => {
  let cookies: ReadonlyArray<Cookie> = []
  return {
    take: (text, headers) => {
      const url = new URL(text)
      for (const line of headers.getSetCookie()) {
        const parsed = parse(url, line)
        if (parsed === undefined) continue
        const { cookie, isGone } = parsed
        const isSame = (one: Cookie) => one.name === cookie.name && one.host === cookie.host && one.path === cookie.path
        const others = cookies.filter((one) => !isSame(one))
        cookies = isGone ? others : [...others, cookie]
      }
    },
    headerFor: (text) => {
      const { host, pathname } = new URL(text)
      const sent = cookies
        .filter((cookie) => cookie.host === host && isWithin(pathname, cookie.path))
        .toSorted((left, right) => right.path.length - left.path.length)
      return sent.length === 0 ? undefined : sent.map(({ name, value }) => `${name}=${value}`).join("; ")
    },
  }
}
