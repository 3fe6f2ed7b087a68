/** One grant type of the token endpoint, and the answer that all of them give (RFC 6749 5.1). */
import * as Effect from "effect/Effect"
import type { Credentials, Failure, OAuthToken, ProtocolServer } from "../../../provider/index.ts"
import type { Parameters } from "../../../provider/features/Form.ts"
import { json } from "../../Reply.ts"
import type { WireReply } from "../../../provider/features/Wire.ts"

export type TokenGrant = (
  server: ProtocolServer,
  credentials: Credentials,
  form: Parameters,
) => Effect.Effect<WireReply, Failure>

export const tokenReply = (token: Effect.Effect<OAuthToken, Failure>): Effect.Effect<WireReply, Failure> =>
  Effect.map(token, (issued) => json(200, issued))
