/**
 * Where devices ask (RFC 8628 3.1, 3.2): a client says what it wants, and gets a code to show and one to ask with.
 *
 * How often one source may ask is limited, whoever the client is, for what is asked for is kept for a while.
 */
import * as Effect from "effect/Effect"
import { shownUserCode } from "../../protocol/index.ts"
import type { ProtocolServer } from "../../provider/index.ts"
import type { DeviceAuthorizationEndpoint } from "../../provider/features/Feature.ts"
import { detailsOutOfPlace } from "../../provider/features/details/ReadDetails.ts"
import { optional, scopeList } from "../../provider/features/Form.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"
import { asCaller, type Callers } from "../Caller.ts"
import { baseOf } from "../Metadata.ts"
import { comeAgain, json } from "../Reply.ts"

export const deviceAuthorization =
  (server: ProtocolServer, callers: Callers, { page, interval }: DeviceAuthorizationEndpoint): Endpoint =>
  (request) =>
    asCaller(callers, request, ({ credentials }, form) =>
      Effect.gen(function* () {
        // The page for devices shows scopes and resources: what it cannot show is not asked for.
        const misplaced = detailsOutOfPlace(form, "a device")
        if (misplaced !== undefined) return yield* misplaced
        const waitSeconds = yield* callers.limits.deviceRequest(request.source)
        if (waitSeconds > 0) return comeAgain(429, waitSeconds, "too many devices ask from there; try again later")
        const { deviceCode, userCode, expiresIn } = yield* server.requestDevice({
          credentials,
          ...optional("scopes", scopeList(form)),
          ...optional("resource", form.list("resource")),
        })
        const address = baseOf(server.settings.issuer) + page
        const shown = shownUserCode(userCode)
        //= RFC8628-3.2-response
        return json(200, {
          device_code: deviceCode,
          user_code: shown,
          verification_uri: address,
          verification_uri_complete: `${address}?user_code=${shown}`,
          expires_in: expiresIn,
          interval,
        })
      }),
    )
