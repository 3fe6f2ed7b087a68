/**
 * Resource indicators (RFC 8707): the protected resources a grant and its tokens are meant for.
 *
 * The string that came in is the string that goes out, `aud` included. Two are the same resource when they differ at
 * most in the case of scheme and host, or in the lone slash that URL libraries append to a path-less one.
 */
import { MAX_URI_CHARACTERS, isUriText } from "./Uri.ts"

/** Absolute, without fragment; http and https with a host behind two slashes, as everybody reads them. */
const FORM = /^(?:https?:\/\/[^/?#@]+(?:[/?][^#]*)?|(?!https?:)[a-z][a-z0-9+.-]*:[^#]+)$/i

const hasNoUser = (uri: string): boolean => {
  const url = URL.parse(uri)
  return url?.username === "" && url.password === ""
}

/** Whether it is an absolute URI without fragment and user information, at most 2048 characters. */
//= RFC8707-2-absolute-no-fragment
export const isResource = (uri: string): boolean =>
  uri.length <= MAX_URI_CHARACTERS && isUriText(uri) && FORM.test(uri) && hasNoUser(uri)

/** What two resources are compared by; an audience that is no URI is compared as it is. Never shown. */
export const resourceKey = (resource: string): string => {
  const [, origin = "", rest = resource] = /^([a-z][a-z0-9+.-]*:(?:\/\/[^/?#]*)?)(.*)$/is.exec(resource) ?? []
  return origin.toLowerCase() + (rest === "/" ? "" : rest)
}

/** The same without repetitions; of two spellings of one the first stays. */
export const distinctResources = <A extends string>(resources: ReadonlyArray<A>): ReadonlyArray<A> => {
  const keys = resources.map(resourceKey)
  return resources.filter((_, index) => keys.indexOf(keys[index]!) === index)
}

/** Whether the resource is an origin and no more. */
export const isOrigin = (resource: string): boolean => /^https?:\/\/[^/?#]+\/?$/i.test(resource)

const originOf = (resource: string): string | undefined => URL.parse(resource)?.origin

/**
 * Which of `known` is meant by `asked`: the same one, or else the only one whose origin it is, for there are clients that
 * send no more than that; `undefined` where it is neither.
 */
export const resourceMeant = <A extends string>(asked: string, known: ReadonlyArray<A>): A | undefined => {
  const key = resourceKey(asked)
  const same = known.find((one) => resourceKey(one) === key)
  const origin = isOrigin(asked) ? originOf(asked) : undefined
  if (same !== undefined || origin === undefined) return same
  const [only, ...others] = known.filter((one) => originOf(one) === origin)
  return others.length === 0 ? only : undefined
}

export const includesResource = (granted: ReadonlyArray<string>, asked: string): boolean =>
  granted.includes(asked) || granted.map(resourceKey).includes(resourceKey(asked))

//= RFC8707-2.2-token-subset-of-grant
export const isResourceSubset = (asked: ReadonlyArray<string>, granted: ReadonlyArray<string>): boolean =>
  asked.every((one) => includesResource(granted, one))

export const isSameResources = (left: ReadonlyArray<string>, right: ReadonlyArray<string>): boolean =>
  isResourceSubset(left, right) && isResourceSubset(right, left)
