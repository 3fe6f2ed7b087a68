/**
 * What the device authorization grant (RFC 8628) calls things, and how the code is written that a person types.
 *
 * The alphabet has no vowel and nothing that looks like something else, so a code spells no word and is read off a
 * screen without doubt. Whoever types one may leave out the dash, add spaces, and use small letters.
 */

/** The grant type, as a client names it at the token endpoint and in its registration (RFC 8628 3.4). */
export const DEVICE_CODE_GRANT = "urn:ietf:params:oauth:grant-type:device_code"

/** Seconds that are added to a client's interval each time it is told to slow down (RFC 8628 3.5). */
export const SLOW_DOWN_SECONDS = 5

/** 20 letters: eight of them are 34.5 bits (RFC 8628 6.1). */
export const USER_CODE_ALPHABET = "BCDFGHJKLMNPQRSTVWXZ"

export const USER_CODE_CHARACTERS = 8

const USER_CODE = /^[BCDFGHJKLMNPQRSTVWXZ]{8}$/

/** Longer text is not looked at: nobody types so many dashes. */
const MAX_TYPED_CHARACTERS = 64

/** A user code as it is looked up, from whatever somebody typed for it; `undefined` where it cannot be one. */
export const readUserCode = (typed: string): string | undefined => {
  if (typed.length > MAX_TYPED_CHARACTERS) return undefined
  const code = typed.toUpperCase().replaceAll(/[\s\p{P}]/gu, "")
  return USER_CODE.test(code) ? code : undefined
}

/** A user code as people are shown it: two groups of four with a dash between them. */
export const shownUserCode = (code: string): string => `${code.slice(0, 4)}-${code.slice(4)}`
