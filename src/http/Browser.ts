/**
 * What is known of a browser: the cookies it was given, and whether a form was posted from a page of ours.
 *
 * Cookies have names that no other site can set: `__Host-` on https. Every port and path of a host shares them, so port
 * and path are in the name, and two issuers on one host keep out of each other's way. A browser is told apart by a
 * random value of its own, signed in or not, so that a request begun in one can be finished in no other.
 */
import { hash } from "node:crypto"
import { digestOf, isSameOrigin, liveRandomness, originAt, readOrigin, type Randomness } from "../provider/index.ts"
import { pathOf } from "./Metadata.ts"
import type { WireReply, WireRequest } from "../provider/features/Wire.ts"

/** One cookie for the browser, one for the session in it, and one for the operator's console, which is another session. */
export type CookieName = "browser" | "session" | "console"

export interface Browser {
  readonly read: (request: WireRequest, name: CookieName) => string | undefined
  /** A `Set-Cookie` line; without a value, one that removes it. Gone when the browser is closed unless `maxAgeSeconds`. */
  readonly cookie: (name: CookieName, value: string | undefined, maxAgeSeconds?: number) => string
  /** What stands for this browser in the values that it carries, and the reply with a cookie if it had none yet. */
  readonly identify: (request: WireRequest) => {
    readonly browser: string
    readonly recognised: <Reply extends WireReply>(reply: Reply) => WireReply
  }
  /** Whether the request was sent to the issuer's own host, however that is written: another name may belong to anybody. */
  readonly isAtHome: (request: WireRequest) => boolean
  /**
   * The issuer's origin, for leading this browser on: with the root dot where the browser asked with it, for it keeps
   * cookies by the name that it knows.
   */
  readonly homeOf: (request: WireRequest) => string
  /** Whether a form was posted by a page of this server. */
  readonly isOwnForm: (request: WireRequest) => boolean
}

/**
 * Whether anybody's program may listen beside this server: on this machine each has the ports that it likes, and every
 * port of a host gets the cookies of that host.
 */
export const isOnSharedHost = (issuer: string): boolean =>
  /^(?:(?:.+\.)?localhost\.?|127(?:\.\d{1,3}){3}|\[::1\])$/.test(new URL(issuer).hostname)

const BROWSER_SECONDS = 365 * 86_400

/** A cookie value of ours: base64url, 43 characters. */
const VALUE = /^[0-9A-Za-z_-]{43}$/

export const browserOf = (issuer: string, randomness: Randomness = liveRandomness): Browser => {
  const { protocol, port, origin } = new URL(issuer)
  const isSecure = protocol === "https:"
  const path = pathOf(issuer)
  const place = [
    ...(isSecure && port === "" ? [] : [port || "80"]),
    ...(path === "" ? [] : [hash("sha256", path, "hex").slice(0, 8)]),
  ]
  const nameOf = (name: CookieName): string => `${isSecure ? "__Host-" : ""}${["grantlog", name, ...place].join("-")}`

  const read: Browser["read"] = (request, name) => {
    const prefix = `${nameOf(name)}=`
    const values = (request.headers["cookie"] ?? "")
      .split(/[;,]\s*/)
      .filter((pair) => pair.startsWith(prefix))
      .map((pair) => pair.slice(prefix.length))
    // Two of one name: somebody planted one, and nobody can say which.
    return values.length === 1 && VALUE.test(values[0]!) ? values[0] : undefined
  }
  const cookie: Browser["cookie"] = (name, value, maxAgeSeconds) =>
    [
      `${nameOf(name)}=${value ?? ""}`,
      "Path=/",
      "HttpOnly",
      "SameSite=Lax",
      ...(isSecure ? ["Secure"] : []),
      ...(value === undefined ? ["Max-Age=0"] : maxAgeSeconds === undefined ? [] : [`Max-Age=${maxAgeSeconds}`]),
    ].join("; ")

  const isHome = (asked: string | undefined): asked is string => asked !== undefined && isSameOrigin(asked, origin)
  const askedOf = ({ headers }: WireRequest) => originAt(protocol, headers["host"] ?? "")

  return {
    read,
    cookie,
    identify: (request) => {
      const known = read(request, "browser")
      const value = known ?? Buffer.from(randomness.bytes(32)).toString("base64url")
      return {
        browser: digestOf(value),
        recognised: (reply) =>
          known === undefined
            ? { ...reply, cookies: [...(reply.cookies ?? []), cookie("browser", value, BROWSER_SECONDS)] }
            : reply,
      }
    },
    isAtHome: (request) => isHome(askedOf(request)),
    homeOf: (request) => {
      const asked = askedOf(request)
      return isHome(asked) ? asked : origin
    },
    isOwnForm: ({ headers }) => {
      const site = headers["sec-fetch-site"]
      // A page that tells nobody where it is posts with the origin `null`; then the browser's own word is needed.
      return site === undefined ? isHome(readOrigin(headers["origin"] ?? "")) : site === "same-origin"
    },
  }
}
