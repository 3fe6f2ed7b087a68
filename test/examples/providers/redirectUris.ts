/** Redirect URIs for providers that take them seriously: which can be registered, which match, how one is answered. */

const LOOPBACK = /^(http:\/\/(?:127\.0\.0\.1|\[::1\]|localhost))(?::\d+)?(?=[/?]|$)/

/** https, loopback http, or an app's own scheme, which has a dot; nothing that a browser reads in another way. */
export const isRegistrable = (uri: string): boolean => {
  if (!/^[\x21-\x7e]+$/.test(uri) || /[#*\\<>"]/.test(uri) || !URL.canParse(uri)) return false
  const { protocol, username, password, searchParams } = new URL(uri)
  if (username !== "" || password !== "" || searchParams.has("code") || searchParams.has("state")) return false
  if (protocol === "https:") return /^https:\/\/[^/?]/.test(uri)
  return LOOPBACK.test(uri) || /^[a-z][a-z0-9+-]*\.[a-z0-9+.-]*:$/.test(protocol)
}

/** Exact, but for the port of a loopback address: a native app listens on whatever port is free. */
export const isSameRedirect = (registered: string, asked: string): boolean =>
  registered === asked || (LOOPBACK.test(asked) && portless(registered) === portless(asked))

const portless = (uri: string) => uri.replace(LOOPBACK, "$1")

export const answerTo = (redirectUri: string, code: string, state: string | undefined): string => {
  const answer = new URLSearchParams(state === undefined ? { code } : { code, state })
  return `${redirectUri}${redirectUri.includes("?") ? "&" : "?"}${answer}`
}
