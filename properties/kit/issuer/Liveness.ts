/**
 * Looking at an access token's life from outside: by introspection, or as a resource sees it.
 *
 * A way counts only when it was seen to tell a live token of that client and form from one that nobody was given: an
 * introspection endpoint that knows opaque tokens may know no JWTs, and says of them what it says of dead ones. So each
 * form is found out anew, by a token that was given just now. Looking changes nothing.
 */
import { decodeJwt } from "jose/jwt/decode"
import { madeUp } from "../../Secrets.ts"
import { NotTried } from "../judging/Obstacles.ts"
import type { Metadata } from "./Discovery.ts"
import { isUnanswered } from "./Patience.ts"
import type { Prover } from "./Proofs.ts"
import type { WireClient } from "./Registration.ts"
import { formRequest } from "./Requests.ts"
import { exchangeIn, type Exchange } from "./Telling.ts"
import type { Wire, WireAnswer, WireRequest } from "./Wire.ts"

export type Look = {
  readonly isAlive: boolean
  /** What introspection, or the token itself, says of it; empty where only its life can be seen. */
  readonly body: WireAnswer["body"]
  readonly exchange: Exchange
  readonly status: number
}

export interface Liveness {
  /** In words, how tokens are looked at; empty where none can be. */
  readonly ways: () => ReadonlyArray<string>
  /** Finds out how tokens of this form can be looked at, where that is not known: by one that was given just now. */
  readonly learn: (client: WireClient, token: string) => Promise<void>
  /** Finds out whether tokens of this form end when they are revoked: by one whose revocation was acknowledged. */
  readonly learnEnd: (client: WireClient, token: string) => Promise<void>
  readonly canLook: (client: WireClient, token: string) => boolean
  /** Whether whoever is asked judges by the token alone, so that no revocation can reach it before it expires. */
  readonly isSelfContained: (client: WireClient, token: string) => boolean
  readonly look: (client: WireClient, token: string) => Promise<Look>
}

export interface Places {
  readonly metadata: Metadata
  /** Where a token is used; the answer to one that is not alive is 401. */
  readonly resourceUrl: string | undefined
  readonly clients: ReadonlyArray<WireClient>
  readonly prover: Prover
}

interface Way {
  readonly name: string
  /** Whether whoever is asked may know nothing of a token but what stands in it. */
  readonly isResource: boolean
  /** `dead`: the status of a token that nobody was given, where that is known. */
  readonly look: (client: WireClient, token: string, dead?: number) => Promise<Look>
}

interface Known {
  readonly way: Way
  readonly dead: number
}

/** How often a form of token is tried to be seen alive before it is given up. */
const MAX_LESSONS = 3

/** What a JWT says of itself; nothing of any other token. */
const claimsOf = (token: string): WireAnswer["body"] | undefined => {
  try {
    return decodeJwt(token)
  } catch {
    return undefined
  }
}

/** An answer about a token, or it was none: who is asked to come again has seen nothing. */
const answered = (name: string, answer: WireAnswer, dead?: number): WireAnswer => {
  // Some fail over every token that they do not know.
  const isFailing = answer.status >= 500 && dead !== undefined && answer.status !== dead
  if (isUnanswered(answer) || isFailing) throw new NotTried(`${name} does not answer: ${answer.status}`)
  return answer
}

/** Asked by `asker`, or by the token's own client. */
const introspection = (wire: Wire, endpoint: string, asker?: WireClient): Way => {
  const name = `introspection by ${asker === undefined ? "its own client" : "another client"}`
  return {
    name,
    isResource: false,
    look: async (client, token, dead) => {
      const request = formRequest(endpoint, asker ?? client, [["token", token]])
      const answer = answered(name, await wire.send(request), dead)
      const { status, body } = answer
      const exchange = exchangeIn(request, answer)
      return { isAlive: status === 200 && body["active"] === true, body, exchange, status }
    },
  }
}

/** A request that an MCP server answers whoever may ask, and that begins nothing. */
const ping = { jsonrpc: "2.0", id: 1, method: "ping" }

const resource = (wire: Wire, prover: Prover, url: string, method: WireRequest["method"], isResource: boolean): Way => {
  const name = `${method} ${url}`
  return {
    name,
    isResource,
    look: async (_, token, dead) => {
      const headers = {
        ...(await prover.authorize(method, url, token)),
        accept: "application/json, text/event-stream",
      }
      const request = { method, url, headers, isBodyless: true, ...(method === "POST" ? { json: ping } : {}) }
      const answer = answered(name, await wire.send(request), dead)
      const { status } = answer
      const exchange = exchangeIn(request, answer)
      return { isAlive: status !== 401 && status !== dead, body: claimsOf(token) ?? {}, exchange, status }
    },
  }
}

const waysOf = (wire: Wire, { metadata, resourceUrl, clients, prover }: Places): ReadonlyArray<Way> => {
  const { introspectionEndpoint: endpoint, userinfoEndpoint } = metadata
  const askers = clients.filter(({ secret }) => secret !== undefined)
  return [
    ...(endpoint === undefined
      ? []
      : [introspection(wire, endpoint), ...askers.map((asker) => introspection(wire, endpoint, asker))]),
    ...(userinfoEndpoint === undefined ? [] : [resource(wire, prover, userinfoEndpoint, "GET", false)]),
    ...(resourceUrl === undefined
      ? []
      : (["GET", "POST"] as const).map((method) => resource(wire, prover, resourceUrl, method, true))),
  ]
}

const ignoringNotTried = (cause: unknown): undefined => {
  if (!(cause instanceof NotTried)) throw cause
  return undefined
}

/** Tokens of one form are seen alike: those of a client, opaque or JWTs for the same audience. */
const formOf = ({ clientId }: WireClient, token: string): string => {
  const claims = claimsOf(token)
  return JSON.stringify([clientId, claims === undefined ? "opaque" : ["jwt", claims["aud"] ?? null]])
}

export const makeLiveness = (wire: Wire, places: Places): Liveness => {
  const ways = waysOf(wire, places)
  const known = new Map<string, Known>()
  /** Forms whose tokens were seen to end before they expire. */
  const endable = new Set<string>()
  const lessons = new Map<string, number>()

  /** What such a way says of a token that nobody was given, if it says another thing of this one. */
  const deadStatus = async (way: Way, client: WireClient, token: string): Promise<number | undefined> => {
    const { status: dead } = await way.look(client, madeUp())
    const isLiveAlive = (await way.look(client, token, dead)).isAlive
    return isLiveAlive && !(await way.look(client, madeUp(), dead)).isAlive ? dead : undefined
  }

  const wayFor = (client: WireClient, token: string): Known | undefined => known.get(formOf(client, token))

  const look = async (client: WireClient, token: string): Promise<Look> => {
    const found = wayFor(client, token)
    if (found === undefined) throw new NotTried("nothing here tells whether such an access token is alive")
    return found.way.look(client, token, found.dead)
  }

  return {
    ways: () => [...new Set([...known.values()].map(({ way }) => way.name))],
    learn: async (client, token) => {
      const form = formOf(client, token)
      const count = lessons.get(form) ?? 0
      if (known.has(form) || count >= MAX_LESSONS) return
      lessons.set(form, count + 1)
      for (const way of ways) {
        const dead = await deadStatus(way, client, token).catch(ignoringNotTried)
        if (dead === undefined) continue
        known.set(form, { way, dead })
        return
      }
    },
    canLook: (client, token) => wayFor(client, token) !== undefined,
    isSelfContained: (client, token) =>
      claimsOf(token) !== undefined &&
      wayFor(client, token)?.way.isResource === true &&
      !endable.has(formOf(client, token)),
    learnEnd: async (client, token) => {
      if (wayFor(client, token) !== undefined && !(await look(client, token)).isAlive) {
        endable.add(formOf(client, token))
      }
    },
    look,
  }
}
