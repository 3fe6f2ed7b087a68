/**
 * What `grantlog serve --profile` means for the other flags: what it settles cannot be said again, or said differently.
 *
 * The profile itself is a list of features in `provider`; this refuses a contradiction in a sentence, before anything is
 * opened.
 */
import * as Option from "effect/Option"
import { FAPI2_CODE_SECONDS, fapi2Features, type Feature } from "../provider/index.ts"

/** The flags that a profile has to do with, as far as they were given. */
export interface ProfiledFlags {
  readonly profile: Option.Option<"fapi2">
  readonly dpop: string
  readonly dpopNonce: "off" | "optional" | "required"
  readonly pushedRequests: string
  readonly pushedRequestTtl: number
  readonly requestObjects: "off" | "on" | "required"
  readonly timedRequestObjects: boolean
  readonly signedResponses: boolean
  readonly privateKeyJwt: boolean
  readonly assertionAlgs: Option.Option<string>
}

/** What is wrong with the flags beside the profile, in a sentence; `undefined` where nothing is. */
export const profileFault = (given: ProfiledFlags & { readonly codeTtl: number }): string | undefined => {
  if (Option.isNone(given.profile)) return undefined
  const settled = [
    ["dpop", given.dpop !== "off"],
    ["pushed-requests", given.pushedRequests !== "off"],
    ["private-key-jwt", given.privateKeyJwt],
    ["assertion-algs", Option.isSome(given.assertionAlgs)],
    ["signed-responses", given.signedResponses],
    ["timed-request-objects", given.timedRequestObjects],
  ] as const
  const [said] = settled.find(([, isGiven]) => isGiven) ?? []
  if (said !== undefined) return `--profile fapi2 settles --${said}: leave it out`
  if (given.codeTtl > FAPI2_CODE_SECONDS) {
    return `--profile fapi2 has codes live for ${FAPI2_CODE_SECONDS} seconds at most: lower --code-ttl`
  }
  return given.pushedRequestTtl < 600
    ? undefined
    : "--profile fapi2 has pushed requests opened within less than 600 seconds: lower --pushed-request-ttl"
}

/** The features of the profile; message signing is on where request objects are. */
export const profileFeatures = (given: ProfiledFlags): ReadonlyArray<Feature> =>
  fapi2Features({
    nonce: given.dpopNonce,
    requestLifetime: given.pushedRequestTtl,
    messageSigning: given.requestObjects,
  })
