/**
 * The console: one page for whoever has to know, behind a password of its own. Off unless the operator switches it on.
 *
 * It reads the log through the audit and changes nothing; signing in and out is all that can be posted, and on this
 * machine's own host, where the password comes with each request, nothing at all. A token that is
 * sent to it all the same is not looked up, and not repeated.
 */
import * as Effect from "effect/Effect"
import * as Result from "effect/Result"
import { logState, type KeptCheckpoints } from "../../audit/console/LogState.ts"
import { hasSecret, questionOf, withoutIdMark } from "../../audit/index.ts"
import { isOnSharedHost } from "../../http/Browser.ts"
import { parseParameters, type Parameters } from "../../provider/features/Form.ts"
import type { MountedEndpoint, WireReply, WireRequest } from "../../http/index.ts"
import { pathOf } from "../../http/Metadata.ts"
import { safeHeaders } from "../../http/pages/Document.ts"
import { redirect } from "../../http/Reply.ts"
import { StoreFault } from "../../log/index.ts"
import { questionByName } from "../audit/Subjects.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import type { StoreLocation } from "../StoreLocation.ts"
import { adviceAbout } from "../Suggestions.ts"
import { oneLine } from "../Terminal.ts"
import { addressesBehind, paths } from "./Addresses.ts"
import { exportDownload, proofDownload, type Download } from "./Downloads.ts"
import { consoleSessionsOf } from "./ConsoleSessions.ts"
import { CHALLENGE, httpAuthenticationOf } from "./HttpAuthentication.ts"
import { hashScript } from "./HashScript.ts"
import { answerTo } from "./ConsoleQuery.ts"
import { backgroundIndexing } from "./BackgroundIndexing.ts"
import { answerPage, faultPage, homePage } from "./Pages.ts"
import { loginPage } from "./pages/LoginPage.ts"
import type { Frame } from "./pages/Page.ts"
import { strings } from "./Strings.ts"
import type { StoreAudit } from "../audit/OpenAudit.ts"

export interface ConsoleParts {
  readonly issuer: string
  readonly audit: StoreAudit
  /** Where the store is: no command can see one in memory. */
  readonly location: StoreLocation
  /** `undefined` for a log of which no checkpoints are kept. */
  readonly kept: KeptCheckpoints | undefined
  readonly password: string
  /** Guesses that one source has in a minute. */
  readonly loginsPerMinute?: number
  /** Told why the log could not be read, for the operator. */
  readonly onFault?: (sentence: string) => void
}

type Asking = Effect.Effect<WireReply, StoreFault | CommandFault | UsageFault>

const MAX_ID_CHARACTERS = 2048

const attachment = ({ fileName, type, ...content }: Download): WireReply => ({
  status: 200,
  headers: {
    "content-type": type,
    "content-disposition": `attachment; filename="${fileName}"`,
    "content-security-policy": "default-src 'none'; frame-ancestors 'none'",
    ...safeHeaders,
  },
  ...content,
})

export const consoleEndpoints = (parts: ConsoleParts): ReadonlyArray<MountedEndpoint> => {
  const { issuer, audit, location, kept, password, loginsPerMinute, onFault = () => {} } = parts
  const prefix = pathOf(issuer)
  const addresses = addressesBehind(prefix)
  const isShared = isOnSharedHost(issuer)
  const frame: Frame = { issuer, addresses, canSignOut: !isShared }
  const sessions = consoleSessionsOf(issuer, password, loginsPerMinute)
  const httpAuthentication = httpAuthenticationOf(password, loginsPerMinute)
  const index = backgroundIndexing(audit.index)

  const fault = (status: number, title: string, sentence: string) => faultPage(frame, status, title, sentence)

  /** Only by the issuer's own name, and with a page for whatever goes wrong. */
  const atHome =
    (endpoint: (request: WireRequest) => Asking) =>
    (request: WireRequest): Effect.Effect<WireReply> =>
      sessions.browser.isAtHome(request)
        ? Effect.catch(endpoint(request), (failure) => {
            if (!(failure instanceof StoreFault)) return fault(400, strings.search.faultTitle, oneLine(failure.message))
            onFault(failure.message)
            return fault(503, strings.name, strings.unavailable)
          })
        : fault(421, strings.name, strings.notAtHome(issuer))

  const loginFor = ({ path, query }: WireRequest) => loginPage(frame, path + (query === "" ? "" : `?${query}`))

  /** Asks for the password, or says why it is not looked at now; `undefined` for who has shown it. */
  const askBySession = (request: WireRequest) =>
    Effect.flatMap(sessions.isOpen(request), (isOpen) => (isOpen ? Effect.undefined : loginFor(request)))
  const askByHttp = (request: WireRequest) =>
    Effect.flatMap(httpAuthentication(request), (proof) => {
      switch (proof._tag) {
        case "Right":
          return Effect.undefined
        case "Missing":
          return withHeaders(fault(401, strings.login.title, strings.login.byHttp), { "www-authenticate": CHALLENGE })
        case "TooMany": {
          const seconds = String(proof.retryAfterSeconds)
          return withHeaders(fault(429, strings.login.title, strings.login.tooMany), { "retry-after": seconds })
        }
      }
    })
  const ask = isShared ? askByHttp : askBySession

  /** Only for who has shown the password; others are asked for it, and then go on. */
  const guarded = (endpoint: (fields: Parameters, request: WireRequest) => Asking) =>
    atHome((request) =>
      Effect.gen(function* () {
        // What may be a token is kept out of the page that asks for the password, too.
        if ([...new URLSearchParams(request.query)].flat().some(hasSecret)) {
          return yield* fault(400, strings.search.isSecretTitle, strings.search.isSecret)
        }
        const asked = yield* ask(request)
        if (asked !== undefined) return asked
        const fields = parseParameters(request.query)
        if (Result.isFailure(fields)) return yield* fault(400, strings.search.faultTitle, fields.failure)
        return yield* endpoint(fields.success, request)
      }),
    )

  const pageAbout = Effect.fnUntraced(function* (
    fields: Parameters,
    indexedCount: number,
  ): Effect.fn.Return<WireReply, StoreFault | CommandFault | UsageFault> {
    const about = fields.get("about")?.trim()
    const state = yield* logState(audit.log, kept)
    if (about === undefined || about === "") return yield* homePage(frame, audit, state, indexedCount)
    if (about.length > MAX_ID_CHARACTERS) return yield* new UsageFault({ message: strings.search.tooLong })
    // A name goes no further: what is shown, and sent to others, has the id in its address.
    const [meant] = (yield* questionByName(audit, {}, questionOf(about))).meanings
    if (meant?._tag === "Subject" && meant.subjectId !== withoutIdMark(about)) {
      return redirect(new URL(addresses.about(meant.subjectId, fields.get("at")), issuer).href)
    }
    const positionIn = (name: "before" | "after") => {
      const given = fields.get(name)
      return given !== undefined && /^\d{1,15}$/.test(given) ? { [name]: Number(given) } : {}
    }
    const page = { ...positionIn("before"), ...positionIn("after") }
    const query = { about, names: fields.get("names"), at: fields.get("at")?.trim(), page }
    const answer = yield* answerTo(audit, query)
    const explanation = adviceAbout(location)(answer.explanation)
    return yield* answerPage(frame, state, indexedCount, query, { ...answer, explanation })
  })

  const show = guarded((fields) =>
    Effect.flatMap(index.size, (indexedCount) => index.whilePaused(pageAbout(fields, indexedCount))),
  )

  const download = (make: (fields: Parameters) => Effect.Effect<Download, StoreFault | CommandFault>) =>
    guarded((fields) =>
      Effect.catchTag(Effect.map(make(fields), attachment), "CommandFault", ({ message }) =>
        fault(404, strings.download.faultTitle, message),
      ),
    )

  const own = (request: WireRequest, body: (form: Parameters) => Asking): Asking => {
    const form = parseParameters(request.body)
    if (!sessions.browser.isOwnForm(request)) return fault(403, strings.login.title, strings.foreign)
    return Result.isFailure(form) ? fault(400, strings.login.title, form.failure) : body(form.success)
  }

  const signIn = atHome((request) =>
    own(request, (form) =>
      Effect.gen(function* () {
        const to = homeward(form.get("to") ?? "", prefix)
        const opened = yield* sessions.open(request, form.get("password") ?? "")
        switch (opened._tag) {
          case "Opened":
            return { ...redirect(sessions.browser.homeOf(request) + to), cookies: [opened.cookie] }
          case "Wrong":
            return yield* loginPage(frame, to, { status: 403, sentence: strings.login.wrong })
          case "TooMany": {
            const { retryAfterSeconds } = opened
            return yield* loginPage(frame, to, { status: 429, sentence: strings.login.tooMany, retryAfterSeconds })
          }
        }
      }),
    ),
  )

  const signOut = atHome((request) =>
    own(request, () =>
      Effect.sync(() => ({
        ...redirect(sessions.browser.homeOf(request) + prefix + paths.home),
        cookies: [sessions.leave(request)],
      })),
    ),
  )

  const sessionEndpoints: ReadonlyArray<MountedEndpoint> = [
    ["POST", paths.login, signIn],
    ["POST", paths.logout, signOut],
  ]
  return [
    ...(isShared ? [] : sessionEndpoints),
    ["GET", paths.home, show],
    ["GET", paths.proof, download((fields) => proofDownload(audit.log, kept, fields.get("position")))],
    ["GET", paths.export, download((fields) => exportDownload(audit.log, kept, fields.get("from")))],
    ["GET", paths.script, atHome(() => Effect.succeed(script))],
  ]
}

const withHeaders = (reply: Effect.Effect<WireReply>, headers: WireReply["headers"]) =>
  Effect.map(reply, (one) => ({ ...one, headers: { ...one.headers, ...headers } }))

const script: WireReply = {
  status: 200,
  headers: { "content-type": "text/javascript; charset=utf-8", ...safeHeaders },
  body: hashScript,
}

/** A path of the console, whatever a form says. */
const homeward = (to: string, prefix: string): string => {
  const [path] = to.split("?")
  const isOurs = [paths.home, paths.proof, paths.export].some((one) => path === prefix + one)
  return isOurs && /^[\x21-\x7e]+$/.test(to) ? to : prefix + paths.home
}
