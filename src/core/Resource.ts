/**
 * Resource indicators (RFC 8707): the protected resources a grant and its tokens are meant for.
 *
 * The string that came in is the string that goes out, `aud` included. Two are the same resource when they differ at
 * most in the case of scheme and host, or in the lone slash that URL libraries append to a path-less one.
 */
import { Schema } from "effect"
import { MAX_URI_CHARACTERS, isUriText } from "./RedirectUri.ts"

/** Absolute, without fragment; http and https with a host behind two slashes, as everybody reads them. */
const FORM = /^(?:https?:\/\/[^/?#@]+(?:[/?][^#]*)?|(?!https?:)[a-z][a-z0-9+.-]*:[^#]+)$/i

const hasUser = ({ username, password }: URL): boolean => username !== "" || password !== ""

/** An absolute URI without fragment and user information, at most 2048 characters. */
//= RFC8707-2-absolute-no-fragment
export const Resource = Schema.String.check(
  Schema.isMaxLength(MAX_URI_CHARACTERS),
  Schema.makeFilter(
    (uri: string) =>
      (isUriText(uri) && FORM.test(uri) && URL.canParse(uri) && !hasUser(new URL(uri))) ||
      "expected an absolute URI without fragment and user information",
  ),
).pipe(Schema.brand("Resource"))
export type Resource = typeof Resource.Type

/** A list in every event and record; at most 16. */
export const Resources = Schema.Array(Resource).check(Schema.isMaxLength(16))
export type Resources = typeof Resources.Type

/** What two resources are compared by, as text: what somebody else keeps may be compared as well. Never shown. */
export const resourceKey = (resource: string): string => {
  const [, origin = "", rest = ""] = /^([a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?)(.*)$/is.exec(resource) ?? []
  return origin.toLowerCase() + (rest === "/" ? "" : rest)
}

export const includesResource = (granted: ReadonlyArray<string>, asked: string): boolean => {
  const key = resourceKey(asked)
  return granted.some((one) => resourceKey(one) === key)
}

//= RFC8707-2.2-token-subset-of-grant
export const isResourceSubset = (asked: Resources, granted: Resources): boolean =>
  asked.every((one) => includesResource(granted, one))

export const isSameResources = (left: Resources, right: Resources): boolean =>
  isResourceSubset(left, right) && isResourceSubset(right, left)
