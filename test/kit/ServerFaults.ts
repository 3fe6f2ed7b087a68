/** One fault each: what a server gets wrong that this project's own, behind it, gets right. */
import {
  atForms,
  atTokens,
  formIn,
  membersOf,
  pathOf,
  refusal,
  remembering,
  sentBy,
  withForm,
  withMembers,
  without,
  type Ask,
  type Twist,
} from "./FaultyServers.ts"

const invalidClient = () => refusal(401, "invalid_client", { "www-authenticate": "Basic" })
const isBasic = (request: Request): boolean => request.headers.has("authorization")
const done = () => new Response(null, { status: 200 })

/** Basic is refused unless the body names the client too; everywhere, or at one endpoint. */
export const basicWantsClientId = (path?: string): Twist =>
  atForms((form, request) =>
    isBasic(request) && !form.has("client_id") && (path === undefined || pathOf(request) === path)
      ? invalidClient()
      : undefined,
  )

export const basicIsSpelledOneWay: Twist = atForms((_, request) =>
  isBasic(request) && !request.headers.get("authorization")!.startsWith("Basic ") ? invalidClient() : undefined,
)

export const revokesNothingWithoutHint: Twist = atForms((form, request) =>
  pathOf(request) === "/revoke" && !form.has("token_type_hint") ? done() : undefined,
)

/** Looks only among tokens of the hinted kind. */
export const revokesNothingByWrongHint: Twist = atForms((form, request) => {
  const hint = form.get("token_type_hint")
  const kind = form.get("token")?.startsWith("glr_") === true ? "refresh_token" : "access_token"
  return pathOf(request) === "/revoke" && hint !== null && hint !== kind ? done() : undefined
})

/** Whoever sends a token without a hint ends it, whosever it is. */
export const strangersRevokeWithoutHint: Twist = remembering((memory) => (ask) => async (request) => {
  if (pathOf(request) !== "/revoke") return ask(request)
  const form = await formIn(request)
  const owner = memory.ownerOf(form.get("token") ?? "")
  return form.has("token_type_hint") || owner === undefined ? ask(request) : ask(sentBy(request, form, owner, memory))
})

/** A public client keeps the refresh token that it got first, for ever; or from the second one on. */
export const publicClientsNeverRotate = (from = 0): Twist =>
  remembering(({ secretOf, clientIn }) => (ask) => {
    const newest = new Map<string, string>()
    const generations = new Map<string, number>()
    const asked: Ask = async (request) => {
      if (pathOf(request) !== "/token") return ask(request)
      const form = await formIn(request)
      const shown = form.get("refresh_token")
      const client = clientIn(request, form)
      if (shown === null || client === undefined || secretOf(client) !== undefined) return ask(request)
      const real = newest.get(shown) ?? shown
      form.set("refresh_token", real)
      const answer = await ask(withForm(request, form))
      const members = await membersOf(answer)
      const next = members["refresh_token"]
      if (typeof next !== "string") return answer
      const generation = generations.get(shown) ?? 0
      if (generation < from) {
        generations.set(next, generation + 1)
        return answer
      }
      newest.set(shown, next)
      return withMembers(answer, { ...members, refresh_token: shown })
    }
    return asked
  })

/** The token endpoint believes who says that it is a client, for one kind of grant. */
const believes = (grantType: string, isBelieved: (request: Request, form: URLSearchParams) => boolean): Twist =>
  remembering((memory) => (ask) => async (request) => {
    if (pathOf(request) !== "/token") return ask(request)
    const form = await formIn(request)
    const client = memory.clientIn(request, form)
    if (client === undefined || form.get("grant_type") !== grantType || !isBelieved(request, form)) return ask(request)
    return ask(sentBy(request, form, client, memory))
  })

const hasSecret = (request: Request, form: URLSearchParams): boolean => isBasic(request) || form.has("client_secret")

export const anySecretRefreshes: Twist = believes("refresh_token", hasSecret)
export const noSecretRefreshes: Twist = believes("refresh_token", (request, form) => !hasSecret(request, form))
export const anySecretRedeems: Twist = believes("authorization_code", hasSecret)
export const anySecretInBodyRedeems: Twist = believes("authorization_code", (_, form) => form.has("client_secret"))

/** A refresh is for whatever it asks for. */
export const refreshesForAnyScope: Twist = (ask) => async (request) => {
  if (pathOf(request) !== "/token") return ask(request)
  const form = await formIn(request)
  const scope = form.get("scope")
  const right = await ask(request)
  const isTooMuch = form.get("grant_type") === "refresh_token" && scope !== null
  if (!isTooMuch || (await membersOf(right))["error"] !== "invalid_scope") return right
  const answer = await ask(withForm(request, without(form, "scope")))
  return answer.status === 200 ? withMembers(answer, { ...(await membersOf(answer)), scope }) : answer
}

/** Whoever asks is told about every token. */
export const tellsAnybody: Twist = remembering((memory) => (ask) => async (request) => {
  if (pathOf(request) !== "/introspect") return ask(request)
  const form = await formIn(request)
  const owner = memory.ownerOf(form.get("token") ?? "")
  return owner === undefined ? ask(request) : ask(sentBy(request, form, owner, memory))
})

/** The answer to a wrong secret is 400, without a challenge. */
export const refusesWithoutChallenge: Twist = (ask) => async (request) => {
  const answer = await ask(request)
  const isWrong = pathOf(request) === "/token" && answer.status === 401
  return isWrong ? refusal(400, "invalid_client") : answer
}

/** An empty scope is an answer too. */
export const namesNoScope: Twist = atTokens((members) => ({ ...members, scope: "" }))
