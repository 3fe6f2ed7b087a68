/**
 * The device authorization grant (RFC 8628), for what has no browser: a device shows a code, somebody enters it at
 * another one, signs in there and says yes or no, and the device asks until it is told.
 *
 * It is in no list by itself. Who sends a code to somebody else, and has them enter it, gets what they allow: switching
 * that on is for the operator to decide, and so is whether clients that registered themselves may begin it
 * (`registrationGrants`).
 */
import { DEVICE_CODE_GRANT } from "../../../protocol/index.ts"
import { ConfigFault } from "../../ConfigFault.ts"
import { oauthError } from "../../OAuthError.ts"
import { detailsOutOfPlace } from "../details/ReadDetails.ts"
import type { DeviceAuthorizationEndpoint, Feature, GrantType } from "../Feature.ts"
import { optional } from "../Form.ts"

/** How devices are dealt with; everything has a default. */
export interface DeviceGrantOptions {
  /** Seconds that a device is to wait between two questions; default 5 (RFC 8628 section 3.2). */
  readonly interval?: number
}

const PATH = "/device_authorization"

/**
 * The features of the device grant: `features: [...standardFeatures, ...deviceGrant()]`. Throws a `ConfigFault` for an
 * interval that is no whole number of seconds from 1 to 60.
 */
export const deviceGrant = ({ interval = 5 }: DeviceGrantOptions = {}): ReadonlyArray<Feature> => {
  if (!Number.isInteger(interval) || interval < 1 || interval > 60) {
    throw new ConfigFault({ message: "the interval of the device grant is no whole number of seconds from 1 to 60" })
  }
  const grantType: GrantType = {
    kind: "grant type",
    name: DEVICE_CODE_GRANT,
    requirements: ["RFC8628-3.4-device-code-client", "RFC8628-3.4-single-use", "RFC8628-3.5-polling"],
    read: (_request, form) => {
      const deviceCode = form.get("device_code")
      if (deviceCode === undefined) return oauthError("invalid_request", "device_code is missing")
      const misplaced = detailsOutOfPlace(form, "a device")
      if (misplaced !== undefined) return misplaced
      return { _tag: "RedeemDeviceCode", deviceCode, interval, ...optional("resource", form.list("resource")) }
    },
  }
  const endpoint: DeviceAuthorizationEndpoint = {
    kind: "device authorization",
    name: "device",
    requirements: ["RFC8628-3.2-response", "RFC8628-5.1-user-code", "RFC8628-5.4-remote-phishing"],
    path: PATH,
    page: "/device",
    interval,
    //= RFC8628-4-metadata
    metadata: ({ issuer }) => ({ device_authorization_endpoint: issuer.replace(/\/$/, "") + PATH }),
  }
  return [grantType, endpoint]
}
