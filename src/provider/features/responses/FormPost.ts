/**
 * `response_mode=form_post`: the browser posts the answer to the redirect URI, so that no part of it stands in an address,
 * a history or a log (OAuth 2.0 Form Post Response Mode).
 */
import type { PostedForm, ResponseMode } from "../Feature.ts"

/** A form with those parameters that have a value. */
//= FORMPOST-2-form
export const formWith = (action: string, parameters: Readonly<Record<string, string | undefined>>): PostedForm => ({
  action,
  fields: Object.fromEntries(
    Object.entries(parameters).filter((pair): pair is [string, string] => pair[1] !== undefined),
  ),
})

/** Answers that the browser posts, as a feature for the list. */
export const formPost: ResponseMode = {
  kind: "response mode",
  name: "form_post",
  requirements: ["FORMPOST-2-form", "FORMPOST-2-not-kept"],
  respond: formWith,
}
