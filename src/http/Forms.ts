/**
 * Forms that people are shown: what they stand for travels encrypted in a hidden field, and is good for little else.
 *
 * A form names the browser and the session it was shown in, what it does, and since when. Another browser, another
 * session, another kind of form, a page elsewhere: each makes it nothing. What comes back sooner than a page can be
 * read is told apart: it may be the second half of a double click that was meant for another page.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { MAX_CARRIED_CHARACTERS, type AuthorizationServer } from "../provider/index.ts"
import { parseParameters, type Parameters } from "../provider/features/Form.ts"
import type { Browser } from "./Browser.ts"
import { strings } from "./pages/Strings.ts"
import type { WireRequest } from "../provider/features/Wire.ts"

/** How long a page with a form may stay open. */
const FORM_MILLIS = 3_600_000

/** From when on a form that was shown can be answered by a press; a double click is over by then, however slow. */
export const ARMING_MILLIS = 1000

/** The hidden field. */
export const FIELD = "form"

interface Envelope<A> {
  readonly kind: string
  readonly browser: string
  /** `null` before anybody is signed in. */
  readonly session: string | null
  readonly since: number
  readonly content: A
}

export interface Forms {
  /** The value of the hidden field of a form of that kind. */
  readonly issue: <A>(
    kind: string,
    to: { readonly browser: string; readonly session: string | null },
    content: A,
  ) => Effect.Effect<string>
  /** What the value of a hidden field stands for, if it was issued for this browser and session; the failure is a sentence for the page. */
  readonly open: <A>(
    kind: string,
    value: string,
    request: WireRequest,
    session: string | null,
  ) => Effect.Effect<Result.Result<A, string>>
  /** The posted form with what it stands for; the failure is a sentence for the page. */
  readonly receive: <A>(
    kind: string,
    request: WireRequest,
    session: string | null,
  ) => Effect.Effect<Result.Result<Received<A>, string>>
}

export interface Received<A> {
  readonly content: A
  readonly fields: Parameters
  /** Whether it was posted before anybody can have meant it. */
  readonly isTooEarly: boolean
}

export const formsOf = (server: Pick<AuthorizationServer, "carried" | "now">, browser: Browser): Forms => {
  const decrypt = <A>(kind: string, value: string, request: WireRequest, session: string | null) =>
    Effect.map(
      Effect.promise(() => server.carried.decrypt("form", value)),
      (decrypted): Result.Result<Envelope<A>, string> => {
        const envelope = decrypted as Envelope<A> | undefined
        const isMeant =
          envelope !== undefined &&
          envelope.kind === kind &&
          envelope.browser === browser.identify(request).browser &&
          envelope.session === session &&
          server.now() < envelope.since + FORM_MILLIS
        return isMeant ? Result.succeed(envelope) : Result.fail(strings.form.stale)
      },
    )
  return {
    open: <A>(kind: string, value: string, request: WireRequest, session: string | null) =>
      Effect.map(
        decrypt<A>(kind, value, request, session),
        Result.map(({ content }) => content),
      ),
    issue: (kind, to, content) =>
      Effect.promise(() =>
        server.carried.encrypt("form", {
          kind,
          ...to,
          since: server.now(),
          content,
        } satisfies Envelope<unknown>),
      ),
    receive: <A>(kind: string, request: WireRequest, session: string | null) => {
      if (!browser.isAtHome(request) || !browser.isOwnForm(request))
        return Effect.succeed(Result.fail(strings.form.foreign))
      const fields = parseParameters(request.body, MAX_CARRIED_CHARACTERS)
      if (Result.isFailure(fields)) return Effect.succeed(Result.fail(strings.form.stale))
      return Effect.map(
        decrypt<A>(kind, fields.success.get(FIELD) ?? "", request, session),
        Result.map(({ content, since }) => ({
          content,
          fields: fields.success,
          isTooEarly: server.now() < since + ARMING_MILLIS,
        })),
      )
    },
  }
}
