/**
 * Looking at an access token's life from outside: as its own client by introspection, or as a resource sees it.
 *
 * A way counts only when it was seen to tell a live token from one that nobody was given. Looking changes nothing.
 */
import { madeUp } from "../../Secrets.ts"
import type { Metadata } from "./Discovery.ts"
import type { WireClient } from "./Registration.ts"
import { formRequest } from "./Requests.ts"
import type { Wire, WireAnswer } from "./Wire.ts"

export type Look = {
  readonly isAlive: boolean
  /** What introspection said of it; empty where only its life can be seen. */
  readonly body: WireAnswer["body"]
}

export interface Liveness {
  /** `introspection`, or the address that is asked. */
  readonly way: string
  readonly look: (client: WireClient, token: string) => Promise<Look>
}

export interface Places {
  readonly metadata: Metadata
  readonly resourceUrl: string | undefined
}

const introspection = (wire: Wire, endpoint: string): Liveness => ({
  way: "introspection by its own client",
  look: async (client, token) => {
    const { status, body } = await wire.send(formRequest(endpoint, client, [["token", token]]))
    return { isAlive: status === 200 && body["active"] === true, body }
  },
})

const asResource = (wire: Wire, url: string): Liveness => ({
  way: url,
  look: async (_, token) => {
    const headers = { authorization: `Bearer ${token}`, accept: "application/json" }
    const { status } = await wire.send({ method: "GET", url, headers, isBodyless: true })
    return { isAlive: status !== 401, body: {} }
  },
})

/** The first way that sees `token` alive and a made-up one dead. */
export const livenessOf = async (
  wire: Wire,
  { metadata: { introspectionEndpoint, userinfoEndpoint }, resourceUrl }: Places,
  client: WireClient,
  token: string,
): Promise<Liveness | undefined> => {
  const ways = [
    ...(introspectionEndpoint === undefined ? [] : [introspection(wire, introspectionEndpoint)]),
    ...(userinfoEndpoint === undefined ? [] : [asResource(wire, userinfoEndpoint)]),
    ...(resourceUrl === undefined ? [] : [asResource(wire, resourceUrl)]),
  ]
  for (const way of ways) {
    const [live, dead] = [await way.look(client, token), await way.look(client, madeUp())]
    if (live.isAlive && !dead.isAlive) return way
  }
  return undefined
}
