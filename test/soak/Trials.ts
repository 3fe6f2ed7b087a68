/**
 * The trials of a soak: instances race each other, are killed on the way, and are held to what any of them acknowledged.
 *
 * Who gets no answer, or 503, asks another instance until one answers. Only what was answered is judged.
 */
import type { Random } from "../live/support/Random.ts"
import { digestOf } from "../live/support/Session.ts"
import {
  authorize,
  grantOf,
  introspect,
  redeem,
  refresh,
  revoke,
  type Authorized,
  type Client,
  type Reply,
  type Tokens,
} from "../live/support/Wire.ts"
import type { Instances } from "./Instances.ts"
import { RESOURCE } from "./Setting.ts"
import type { Tally } from "./Tally.ts"

const MAX_TRIES = 200
const MAX_RACERS = 4
/** The 65th access token of a grant ends the oldest: a session is let go well before. */
const MAX_TOKENS = 16
const ENDED_ONE_BY_ONE = 4
const REFRESHES = 4
const ASKED_AGAIN_PERCENT = 30
/** So much of what is long over is kept to be asked about in the end. */
const MAX_KEPT = 500

/** A login as its client sees it: everything in it was acknowledged. */
export interface Held {
  refreshToken: string
  readonly access: Array<string>
}

export interface Scene {
  readonly instances: Instances
  readonly random: Random
  readonly client: Client
  readonly resourceServer: Client
  readonly tally: Tally
  /** Sessions that were let go alive, and access tokens that were ended: they are to be so in the end. */
  readonly alive: Array<Held>
  readonly ended: Array<string>
}

type Ask<Body> = (url: string) => Promise<Reply<Body>>

export const trialsOver = (scene: Scene) => {
  const { instances, random, client, resourceServer, tally } = scene
  const { acknowledged, violate } = tally

  let lastFailure = ""
  const once = async <Body>(index: number, ask: Ask<Body>): Promise<Reply<Body> | undefined> => {
    tally.requestCount++
    try {
      const reply = await ask(instances.url(index))
      if (reply.status < 500) return reply
      lastFailure = `${reply.status} ${JSON.stringify(reply.body)}`
    } catch (cause) {
      lastFailure = String(cause)
    }
    tally.unansweredCount++
    return undefined
  }
  const untilAnswered = async <Body>(ask: Ask<Body>, first = random.below(instances.count)) => {
    let index = first
    for (let tries = 0; tries < MAX_TRIES; tries++) {
      const reply = await once(index, ask)
      if (reply !== undefined) return { reply, index }
      // Another one at once; if that is of no use either, when whoever was killed is there again.
      if (tries > 0) await instances.whole()
      index = random.below(instances.count)
    }
    throw new Error(`no instance has answered ${MAX_TRIES} times, the last of them: ${lastFailure}`)
  }
  /** The same request to several instances at once. */
  const race = async <Body>(ask: Ask<Body>) => {
    const racers = Array.from({ length: 2 + random.below(MAX_RACERS - 1) }, () => random.below(instances.count))
    const replies = await Promise.all(racers.map((index) => once(index, ask)))
    const answers = replies.flatMap((reply, at) => (reply === undefined ? [] : [{ reply, index: racers[at]! }]))
    return { answers, areAllAnswered: answers.length === racers.length }
  }

  /** What an instance answers of a token, by introspection or in its own process. */
  const isActive = async (index: number, token: string): Promise<boolean> => {
    const asks = [
      (url: string) => introspect(url, resourceServer, token),
      async (url: string): Promise<Reply<{ readonly active: boolean }>> => {
        const response = await fetch(`${url}/verify?${token}`)
        return { status: response.status, body: (await response.json()) as { readonly active: boolean } }
      },
    ]
    const { reply } = await untilAnswered(asks[random.below(2)]!, index)
    return reply.body.active
  }
  const expectActive = async (token: string, index: number, when: string) => {
    if (!(await isActive(index, token))) violate("sessions lost", `an acknowledged access token is not active ${when}`)
  }
  const expectInactive = async (token: string, index: number, when: string) => {
    if (await isActive(index, token)) violate("active after an acknowledged revocation", when)
  }
  /** Asks every other instance than the one that has just acknowledged the end of a token. */
  const expectInactiveBeside = async (index: number, token: string, when: string) => {
    const others = Array.from({ length: instances.count }, (_, at) => at).filter((at) => at !== index)
    tally.trials["questions to another instance right behind the end of a token"] += others.length
    await Promise.all(others.map((other) => expectInactive(token, other, when)))
  }

  const keep = <A>(kept: Array<A>, one: A) => {
    kept[kept.length < MAX_KEPT ? kept.length : random.below(MAX_KEPT)] = one
  }

  const authorized = async (): Promise<Authorized> => {
    const ask = async (url: string) => ({ status: 200, body: await authorize(url, client, { resource: RESOURCE }) })
    return (await untilAnswered(ask)).reply.body
  }

  const login = async (): Promise<Held> => {
    for (;;) {
      const code = await authorized()
      const reply = await once(random.below(instances.count), (url) => redeem(url, client, code))
      // A code whose redemption was not answered is not asked for again: it may be spent.
      if (reply === undefined) continue
      const { access_token, refresh_token } = tokensOf("a redemption", reply)
      return { refreshToken: refresh_token, access: [access_token] }
    }
  }
  const tokensOf = (what: string, { status, body }: Reply<Tokens>): Tokens => {
    if (status !== 200) {
      violate("sessions lost", `${what} was answered with ${status} ${body.error}`)
      throw new LostSession()
    }
    acknowledged.issued.add(digestOf(body.refresh_token))
    return body
  }
  const refreshed = async (held: Held, isRaced: boolean): Promise<void> => {
    const presented = held.refreshToken
    const ask = (url: string) => refresh(url, client, presented)
    const answers = isRaced ? (await race(ask)).answers : []
    // Nobody answered, or the client lost the reply: it asks again, whoever that is.
    if (answers.length === 0 || random.chance(ASKED_AGAIN_PERCENT)) answers.push(await untilAnswered(ask))
    const [first, ...more] = answers.map(({ reply }) => tokensOf("a refresh", reply))
    for (const { access_token, refresh_token } of more) {
      if (access_token === first!.access_token && refresh_token === first!.refresh_token) continue
      violate("answers that are wrong", "one refresh token got two successors")
    }
    held.refreshToken = first!.refresh_token
    held.access.push(first!.access_token)
    if (isRaced) await expectActive(first!.access_token, random.below(instances.count), "behind a refresh")
  }

  const raceForCode = async (): Promise<void> => {
    tally.trials["codes redeemed by several at once"]++
    const code = await authorized()
    const { answers, areAllAnswered } = await race((url) => redeem(url, client, code))
    const won = answers.flatMap(({ reply }) => (reply.status === 200 ? [reply.body] : []))
    for (const { refresh_token } of won) acknowledged.issued.add(digestOf(refresh_token))
    if (won.length > 1) violate("codes redeemed twice", `${won.length} of ${answers.length} redemptions got tokens`)
    const lost = answers.filter(({ reply }) => reply.status !== 200)
    for (const { status, body } of lost.map(({ reply }) => reply)) {
      if (status !== 400 || body.error !== "invalid_grant")
        violate("answers that are wrong", `a redemption that lost: ${status}`)
    }
    if (won.length === 0 && areAllAnswered) {
      violate("answers that are wrong", "nobody who redeemed a code got tokens")
    }
    if (won.length === 0 || lost.length === 0) return
    // Whoever lost was told that the code is spent, and that ended the grant.
    await expectInactiveBeside(lost[0]!.index, won[0]!.access_token, "after a second redemption was refused")
  }

  const refreshOn = async (held: Held | undefined): Promise<Held | undefined> => {
    tally.trials["refreshes by several at once, asked again until answered"]++
    const session = held ?? (await login())
    await refreshed(session, true)
    if (session.access.length < MAX_TOKENS) return session
    keep(scene.alive, session)
    return undefined
  }

  const ended = async (token: string): Promise<number> => {
    const { reply, index } = await untilAnswered((url) => revoke(url, client, token))
    if (reply.status !== 200) violate("answers that are wrong", `a revocation was answered with ${reply.status}`)
    tally.trials["revocations acknowledged by one instance"]++
    return index
  }
  /** Access tokens one by one, then all that is left of the grant, while others refresh it. */
  const revokeAll = async (): Promise<void> => {
    const held = await login()
    for (let count = 0; count < ENDED_ONE_BY_ONE; count++) {
      await refreshed(held, false)
      const token = held.access[count]!
      const by = await ended(token)
      acknowledged.endedAccess.add(digestOf(token))
      await expectInactiveBeside(by, token, "after it was revoked at another instance")
    }
    const { refreshToken, access } = held
    const racing = race((url) => refresh(url, client, refreshToken))
    const by = await ended(refreshToken)
    acknowledged.endedGrants.add(grantOf(refreshToken))
    await expectInactiveBeside(by, access.at(-1)!, "after its grant was revoked at another instance")
    for (const { reply } of (await racing).answers) {
      if (reply.status !== 200) continue
      acknowledged.issued.add(digestOf(reply.body.refresh_token))
      await expectInactiveBeside(by, reply.body.access_token, "though it was issued beside the end of its grant")
    }
    for (const token of access) keep(scene.ended, token)
  }

  /** What was acknowledged long ago, whoever was killed since. */
  const judgeOld = async (): Promise<void> => {
    for (const held of scene.alive) {
      await forgivingLost(async () => {
        for (const token of held.access) await expectActive(token, random.below(instances.count), "in the end")
        await refreshed(held, false)
      })
    }
    for (const token of scene.ended) await expectInactive(token, random.below(instances.count), "in the end")
  }

  /** One of each, of refreshes several, on the session that is handed in; gives the one to go on with. */
  const round = async (held: Held | undefined): Promise<Held | undefined> => {
    await raceForCode()
    let session = held
    for (let count = 0; count < REFRESHES; count++) session = await forgivingLost(() => refreshOn(session))
    await forgivingLost(revokeAll)
    return session
  }
  return { round, judgeOld }
}

/** It was told already; whoever worked on it takes another. */
class LostSession extends Error {}

const forgivingLost = async <A>(body: () => Promise<A>): Promise<A | undefined> => {
  try {
    return await body()
  } catch (cause) {
    if (!(cause instanceof LostSession)) throw cause
    return undefined
  }
}
