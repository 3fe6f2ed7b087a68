/**
 * Telling a secret from other text by its looks, ours and anybody's JWT: what is typed, pasted or found in an address.
 *
 * It needs nothing, for the command asks it before anything else is loaded. Never says which secret it is.
 */

const OUR_SECRET = /(?<![0-9A-Za-z])gl[acdrs]_[0-9A-Za-z]{22}/

/** Anybody's JWT. Judged part by part: one pattern for all would begin anew at every header, and never end. */
const hasJwt = (text: string): boolean => {
  const parts = text.split(".")
  return parts.some((part, index) => {
    const word = /(?<![\w-])[\w-]+$/.exec(part)?.[0] ?? ""
    return /(?<![0-9A-Za-z])eyJ[\w-]{8}/.test(word) && /^[\w-]{8}/.test(parts[index + 1] ?? "")
  })
}

/** Whether a text looks like, or contains, something that belongs on no command line. */
export const hasSecret = (text: string): boolean => OUR_SECRET.test(text) || hasJwt(text)
