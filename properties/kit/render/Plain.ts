/**
 * Text from somebody else's program, made fit to be shown: nothing in it can move a cursor, start a line or pass for ours.
 */

/** One line, whatever it was: control and separator characters become `?`. */
export const plain = (text: string): string => text.replaceAll(/[\p{C}\p{Zl}\p{Zp}]/gu, "?")

/** At most `count` characters, the last of them an ellipsis if there was more. */
export const shortened = (text: string, count: number): string =>
  text.length <= count ? text : `${text.slice(0, count - 1)}…`

/** How long something took, as people say it. */
export const duration = (millis: number): string =>
  millis < 1000 ? `${Math.round(millis)} ms` : `${(millis / 1000).toFixed(1)} s`
