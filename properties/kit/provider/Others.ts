/**
 * Hundreds of others: each registers if it may, logs in, refreshes, and every second one signs out again.
 *
 * They are nobody that the model knows of, and nothing of theirs is judged but whether what they were given can be
 * guessed. What is judged besides is what becomes of everybody else's meanwhile. `Math.random` is held still, so that
 * what comes of it alone shows.
 */
import type { OAuthClientInformationFull, OAuthProvider, OAuthToken } from "../../../src/provider/index.ts"
import type { GivenCode } from "../../Holder.ts"
import type { Reply } from "../../Operation.ts"
import { challengeOf } from "../../Secrets.ts"
import type { Ask } from "./Calls.ts"
import { guessable, LEAST_SAMPLES, type Circumstances, type Sample } from "./Guessing.ts"
import { stillRandom } from "./StillRandom.ts"

type Client = OAuthClientInformationFull

/** What one of them does, each with whatever the provider makes of it. */
export interface Other {
  readonly register: () => Promise<Client | undefined>
  readonly logIn: (client: Client) => Promise<GivenCode | undefined>
  readonly redeem: (client: Client, code: GivenCode) => Promise<OAuthToken>
  readonly refresh: (client: Client, token: string) => Promise<OAuthToken>
  readonly signOut: (client: Client, token: OAuthToken) => Promise<void>
}

/** `information` is what the one with that number registers as. */
export const otherOn = (
  provider: OAuthProvider,
  ask: Ask,
  asked: {
    readonly information: (number: number) => Client
    readonly logIn: (client: Client) => Promise<GivenCode | Reply>
  },
): Other => {
  let count = 0
  return {
    register: async () => {
      const information = asked.information(count++)
      const answer: unknown = await ask("registerClient", () => provider.registerClient(information))
      const { client_id: minted } = Object(answer) as Partial<Client>
      const clientId = typeof minted === "string" ? minted : information.client_id
      return (await ask("getClient", () => provider.getClient(clientId))) ?? undefined
    },
    logIn: async (client) => {
      const given = await asked.logIn(client)
      return "_tag" in given ? undefined : given
    },
    redeem: async (client, { code, verifier: codeVerifier, redirectUri }) => {
      const record = await ask("loadAuthorizationCode", () => provider.loadAuthorizationCode(client, code))
      const proof = { codeVerifier, redirectUri }
      return ask("exchangeAuthorizationCode", () => provider.exchangeAuthorizationCode(client, record!, proof))
    },
    refresh: async (client, token) => {
      const record = await ask("loadRefreshToken", () => provider.loadRefreshToken(client, token))
      return ask("exchangeRefreshToken", () => provider.exchangeRefreshToken(client, record!, record!.scopes))
    },
    signOut: async (client, { access_token, refresh_token }) => {
      const record =
        refresh_token === undefined
          ? await ask("loadAccessToken", () => provider.loadAccessToken(access_token))
          : await ask("loadRefreshToken", () => provider.loadRefreshToken(client, refresh_token))
      await ask("revokeToken", () => provider.revokeToken(record!))
    },
  }
}

/** What is handed out, by the words for it. */
type Kind = "codes" | "access tokens" | "refresh tokens" | "access tokens of a refresh" | "refresh tokens of a refresh"

const MOST = 200
/** How long all of them may take together: who is slow has fewer of them, and is the less likely to run out of room. */
const TOGETHER_MILLIS = 2000

/** Whatever goes wrong with them is their own affair. */
const tried = <A>(body: () => Promise<A>): Promise<A | undefined> => body().catch(() => undefined)

/** Lets others come and go; says what of theirs can be guessed, one sentence for each kind. */
export const othersComeAndGo = async (
  other: Other,
  client: Client,
  at: Circumstances["at"],
): Promise<ReadonlyArray<string>> => {
  using random = stillRandom()
  const samples = new Map<Kind, Array<Sample>>()
  const take = (kind: Kind, text: string | undefined, known: ReadonlyArray<string | undefined>): void => {
    if (text === undefined) return
    if (!samples.has(kind)) samples.set(kind, [])
    samples.get(kind)!.push({ text, known: known.filter((one) => one !== undefined) })
  }
  const come = async (isLeaving: boolean): Promise<boolean> => {
    random.again()
    const own = (await tried(other.register)) ?? client
    const code = await tried(() => other.logIn(own))
    if (code === undefined) return false
    const sent = [own.client_id, challengeOf(code.verifier)]
    take("codes", code.code, sent)
    const token = await tried(() => other.redeem(own, code))
    if (token === undefined) return false
    take("access tokens", token.access_token, [...sent, code.code])
    take("refresh tokens", token.refresh_token, [...sent, code.code, token.access_token])
    const next = token.refresh_token && (await tried(() => other.refresh(own, token.refresh_token!)))
    if (next) {
      const before = [...sent, code.code, token.access_token]
      take("access tokens of a refresh", next.access_token, before)
      const isRotated = next.refresh_token !== token.refresh_token
      if (isRotated) take("refresh tokens of a refresh", next.refresh_token, [...before, next.access_token])
    }
    if (isLeaving) await tried(() => other.signOut(own, next || token))
    return true
  }

  const startedAt = performance.now()
  const isEnough = (count: number) =>
    count >= MOST || (count >= LEAST_SAMPLES && performance.now() > startedAt + TOGETHER_MILLIS)
  for (let count = 0; !isEnough(count) && (await come(count % 2 === 1));) count += 1
  return [...samples].flatMap(([kind, all]) => {
    const why = guessable(all, { at, clientId: client.client_id })
    return why === undefined ? [] : [`${kind} can be guessed: ${why}`]
  })
}
