/**
 * Who may look where cookies are no secret: the console's password comes with every request, by HTTP authentication.
 *
 * Browsers keep such credentials for one scheme, host and port, while cookies go to every port of a host, whoever
 * listens there (RFC 7617). There is no session; closing the browser signs out. Guesses are counted per source.
 */
import * as Effect from "effect/Effect"
import { defaultLimits, makeLimits } from "../../http/Limits.ts"
import type { WireRequest } from "../../http/index.ts"
import { passwordTest } from "./Password.ts"

export const CHALLENGE = 'Basic realm="grantlog console", charset="UTF-8"'

export type Proof =
  | { readonly _tag: "Right" }
  /** None or a wrong one: the browser is to ask. */
  | { readonly _tag: "Missing" }
  | { readonly _tag: "TooMany"; readonly retryAfterSeconds: number }

/** The password of the header, whatever the user name beside it. */
const givenIn = ({ headers }: WireRequest): string | undefined => {
  const [, encoded] = /^basic +([A-Za-z0-9+/=]+)$/i.exec(headers["authorization"] ?? "") ?? []
  if (encoded === undefined) return undefined
  const text = Buffer.from(encoded, "base64").toString("utf8")
  const colon = text.indexOf(":")
  return colon < 0 ? undefined : text.slice(colon + 1)
}

export const httpAuthenticationOf = (
  password: string,
  loginsPerMinute: number = defaultLimits.loginsPerMinute,
): ((request: WireRequest) => Effect.Effect<Proof>) => {
  const limits = makeLimits({ ...defaultLimits, loginsPerMinute, sourceLoginsPerMinute: loginsPerMinute })
  const isPassword = passwordTest(password)
  return Effect.fnUntraced(function* (request: WireRequest): Effect.fn.Return<Proof> {
    const given = givenIn(request)
    if (given === undefined) return { _tag: "Missing" }
    const retryAfterSeconds = yield* limits.loginWait(request.source, "console")
    if (retryAfterSeconds > 0) return { _tag: "TooMany", retryAfterSeconds }
    if (isPassword(given)) return { _tag: "Right" }
    // Only the wrong ones: the right one comes with every page.
    yield* limits.login(request.source, "console")
    return { _tag: "Missing" }
  })
}
