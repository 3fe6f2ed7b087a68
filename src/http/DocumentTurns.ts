/**
 * The turn that a source has where it names clients that a document describes: until it has named too many that are
 * described nowhere, whatever the endpoint.
 *
 * A client that is registered takes no turn, and is never kept waiting.
 */
import * as Effect from "effect/Effect"
import { OAuthError, rateLimited, type Failure, type RateLimited } from "../provider/index.ts"
import type { Features } from "../provider/features/Features.ts"
import type { Parameters } from "../provider/features/Form.ts"
import type { Limits } from "./Limits.ts"

const isDescribed = ({ clientSources }: Pick<Features, "clientSources">, clientId: string): boolean =>
  clientSources.find(({ isOf }) => isOf(clientId))?.read !== undefined

interface Counted {
  readonly features: Pick<Features, "clientSources">
  readonly limits: Limits
}

/** What says that a client could not be known, or proves to be none. */
const isAboutTheClient = (failure: Failure): boolean =>
  failure instanceof OAuthError && (failure.error === "invalid_client" || failure.error === "temporarily_unavailable")

/** What `source` may do in the name of a client: in its turn, and counted where it fails for the client. */
export interface DocumentTurn {
  /** Fails while others of that source have failed too often. */
  readonly wait: Effect.Effect<void, RateLimited>
  /** Counts a failure that is about the client. */
  readonly note: (failure: Failure) => Effect.Effect<void>
}

const unlimited: DocumentTurn = { wait: Effect.void, note: () => Effect.void }

export const documentTurn = ({ features, limits }: Counted, clientId: string, source: string): DocumentTurn =>
  isDescribed(features, clientId)
    ? {
        wait: Effect.flatMap(limits.documentWait(source), (waitSeconds) =>
          waitSeconds > 0 ? Effect.fail(rateLimited(TOO_MANY, waitSeconds * 1000)) : Effect.void,
        ),
        note: (failure) => (isAboutTheClient(failure) ? Effect.asVoid(limits.failedDocument(source)) : Effect.void),
      }
    : unlimited

const TOO_MANY = "too many clients that are described nowhere; try again later"

/** The client that a form names: by its id, or by an assertion that nobody has verified. */
export const clientNamedIn = (form: Parameters): string => {
  const named = form.get("client_id")
  const [, payload] = (form.get("client_assertion") ?? "").split(".")
  if (named !== undefined || payload === undefined) return named ?? ""
  try {
    return String(JSON.parse(Buffer.from(payload, "base64url").toString())["sub"])
  } catch {
    return ""
  }
}
