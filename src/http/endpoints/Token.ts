/**
 * `POST /token`: the grant type that the request names reads what it asks for, and the server does that one thing.
 */
import * as Effect from "effect/Effect"
import { OAuthError, type Failure, type OAuthToken, type ProtocolServer } from "../../provider/index.ts"
import type { GrantType } from "../../provider/features/Feature.ts"
import type { TokenIntention } from "../../provider/features/TokenIntention.ts"
import { optional } from "../../provider/features/Form.ts"
import { settled } from "../../provider/features/Settled.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"
import { asCaller, tokenError, type Callers, type Proven } from "../Caller.ts"
import { json } from "../Reply.ts"

export const token =
  (server: ProtocolServer, callers: Callers): Endpoint =>
  (request) =>
    asCaller(
      callers,
      request,
      (caller, form) => {
        const { grantTypes } = callers.features
        const named = form.get("grant_type")
        if (named === undefined) return tokenError("invalid_request", "grant_type is missing")
        const grantType = grantTypes.get(named)
        if (grantType === undefined) {
          const description = `grant_type is not one of ${[...grantTypes.keys()].join(", ")}`
          return tokenError("unsupported_grant_type", description)
        }
        const read = grantType.read(
          request,
          form,
          { ...caller.credentials, ...optional("jkt", caller.jkt) },
          callers.context,
        )
        const issued =
          read instanceof Promise || read instanceof OAuthError
            ? Effect.flatMap(settled(read), (intention) => issue(server, grantType, caller, intention))
            : issue(server, grantType, caller, read)
        return Effect.map(issued, (answer) => json(200, { ...answer, ...grantType.responseMembers }))
      },
      forToken,
    )

const forToken = { keyPurpose: "token" } as const

const issue = (
  server: ProtocolServer,
  { name }: GrantType,
  { credentials, jkt }: Proven,
  intention: TokenIntention,
): Effect.Effect<OAuthToken, Failure> => {
  const proven = { credentials, ...optional("jkt", jkt) }
  switch (intention._tag) {
    case "RedeemCode": {
      const { _tag, ...asked } = intention
      return server.redeemCode({ ...asked, ...proven })
    }
    case "RedeemDeviceCode": {
      const { _tag, ...asked } = intention
      return server.redeemDeviceCode({ ...asked, ...proven })
    }
    case "Refresh": {
      const { _tag, ...asked } = intention
      return server.refresh({ ...asked, ...proven })
    }
    case "IssueToken": {
      const { _tag, ...asked } = intention
      return server.issueToken({ ...asked, ...proven, grantType: name })
    }
    case "ExchangeToken": {
      const { _tag, ...asked } = intention
      return server.exchangeToken({ ...asked, ...proven, grantType: name })
    }
  }
}
