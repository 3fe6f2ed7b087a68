/**
 * What an app calls itself, made fit to be shown: whole characters, few enough, none piled up, never nothing.
 *
 * Registration refuses what turns text around or hides in it; this is about what is merely long, blank or tall. It
 * makes a name no more true.
 */
import { html } from "hono/html"
import type { RegisteredClient } from "../../core/index.ts"
import { strings } from "./Strings.ts"
import type { Content } from "./Document.ts"

const MAX_CHARACTERS = 64

const characters = new Intl.Segmenter(strings.language, { granularity: "grapheme" })

/** Looks like nothing: spaces, fillers, and the empty pattern of Braille. */
const BLANK = /^[\p{Z}\p{Default_Ignorable_Code_Point}\p{M}\u2800]*$/u

const shown = (text: string): string => {
  // No script stacks more than three marks on a letter; what does so hides the line above.
  const flat = text
    .replaceAll(/(\p{M}{3})\p{M}+/gu, "$1")
    .replaceAll(/[\p{Z}\u2800\u3164]+/gu, " ")
    .trim()
  const whole = Array.from(characters.segment(flat), ({ segment }) => segment)
  return whole.length > MAX_CHARACTERS ? `${whole.slice(0, MAX_CHARACTERS - 1).join("")}…` : flat
}

/** The name in plain text; the id where there is none that could be seen. */
export const appNameOf = ({ clientId, metadata }: RegisteredClient): string =>
  metadata.client_name === undefined || BLANK.test(metadata.client_name) ? clientId : shown(metadata.client_name)

/** The name as part of a page, kept apart from the direction of the text around it. */
export const appName = (client: RegisteredClient): Content => html`<bdi>${appNameOf(client)}</bdi>`
