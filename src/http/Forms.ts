/**
 * Forms that people are shown: what they stand for travels sealed in a hidden field, and is good for little else.
 *
 * A form names the browser and the session it was shown in, what it does, and until when. Another browser, another
 * session, another kind of form, a page elsewhere: each makes it nothing.
 */
import { Effect, Result } from "effect"
import { MAX_SEALED_CHARACTERS, type AuthorizationServer } from "../provider/index.ts"
import { parseParameters, type Parameters } from "./Form.ts"
import type { Browser } from "./Browser.ts"
import { strings } from "./pages/Strings.ts"
import type { WireRequest } from "./Wire.ts"

/** How long a page with a form may stay open. */
const FORM_MILLIS = 3_600_000

/** The hidden field. */
export const FIELD = "form"

interface Envelope<A> {
  readonly kind: string
  readonly browser: string
  /** `null` before anybody is signed in. */
  readonly session: string | null
  readonly until: number
  readonly content: A
}

export interface Forms {
  /** The value of the hidden field of a form of that kind. */
  readonly issue: <A>(
    kind: string,
    to: { readonly browser: string; readonly session: string | null },
    content: A,
  ) => Effect.Effect<string>
  /** What a sealed value stands for, if it was issued for this browser and session; the failure is a sentence for the page. */
  readonly open: <A>(
    kind: string,
    sealed: string,
    request: WireRequest,
    session: string | null,
  ) => Effect.Effect<Result.Result<A, string>>
  /** The posted form with what it stands for; the failure is a sentence for the page. */
  readonly receive: <A>(
    kind: string,
    request: WireRequest,
    session: string | null,
  ) => Effect.Effect<Result.Result<{ readonly content: A; readonly fields: Parameters }, string>>
}

export const formsOf = (server: Pick<AuthorizationServer, "sealer" | "now">, browser: Browser): Forms => {
  const open = <A>(kind: string, sealed: string, request: WireRequest, session: string | null) =>
    Effect.map(
      Effect.promise(() => server.sealer.unseal("form", sealed)),
      (unsealed): Result.Result<A, string> => {
        const envelope = unsealed as Envelope<A> | undefined
        const isMeant =
          envelope !== undefined &&
          envelope.kind === kind &&
          envelope.browser === browser.identify(request).browser &&
          envelope.session === session &&
          server.now() < envelope.until
        return isMeant ? Result.succeed(envelope.content) : Result.fail(strings.form.stale)
      },
    )
  return {
    open,
    issue: (kind, to, content) =>
      Effect.promise(() =>
        server.sealer.seal("form", {
          kind,
          ...to,
          until: server.now() + FORM_MILLIS,
          content,
        } satisfies Envelope<unknown>),
      ),
    receive: <A>(kind: string, request: WireRequest, session: string | null) => {
      if (!browser.isAtHome(request) || !browser.isOwnForm(request))
        return Effect.succeed(Result.fail(strings.form.foreign))
      const fields = parseParameters(request.body, MAX_SEALED_CHARACTERS)
      if (Result.isFailure(fields)) return Effect.succeed(Result.fail(strings.form.stale))
      return Effect.map(
        open<A>(kind, fields.success.get(FIELD) ?? "", request, session),
        Result.map((content) => ({ content, fields: fields.success })),
      )
    },
  }
}
