/**
 * When two states are the same for a search: the key of a state, and why it is sound to go on from only one of them.
 *
 * Two states with the same key are the same but for names, so whatever can be tried in one can be tried in the other,
 * is answered alike, and leads to states that have the same key again (a bisimulation):
 * - Time enters every rule as `now < end`, or as `now < beginning + window`; adding to all times changes nothing, and
 *   what is over stays over. A time stands as its distance from now, and an end that is past by a tick as just past.
 * - Numbers and digests are only ever compared for being the same. Tokens stand by their order within their grant, keys
 *   by their order within it, grants as a sorted list, and clients and subjects as they come out smallest under the
 *   exchanges that the scope allows: those under which its alphabet and opening are the same.
 * - Epochs are compared with the current one for being the same; they stand as that.
 * - Of spent, revoked and expired tokens that are alike only the latest is presented (`Presented.ts`), so the key has no
 *   others. A grant that the machine ended has lost its details there, and stands as why it ended; one that ended by an
 *   epoch or by time keeps all of them, since a rule that forgets to ask would use them.
 * Machine and model both stand in full: where they differ, neither is taken for the other. Keys are texts, not hashes:
 * no state is lost to a collision. `Key.test.ts` holds states that share a key against each other, and searches with and
 * without all this.
 *
 * Promises are given states as they are. One that reads what the key leaves out, like when a token was issued, is held
 * against one of the states that share a key.
 */
import {
  absentClient,
  ancestorsOf,
  initialSubject,
  type Client,
  type Grant,
  type OpenGrant,
} from "../../src/core/index.ts"
import { clientIdOf, subjectIdOf } from "../machine/Names.ts"
import type { IssuedRefresh, Machine } from "../Machine.ts"
import type { ClientThing, GrantThing, Model } from "../Model.ts"
import type { Ref } from "../Operation.ts"
import { TICK_MILLIS } from "./Alphabet.ts"
import { numberFor, type View } from "./Encoding.ts"
import {
  accessThing,
  clientThing,
  grantThing,
  issuedAccess,
  issuedRefresh,
  issuer,
  openGrant,
  refreshThing,
  registered,
  subject,
} from "./KeyFields.ts"
import { isMemory, presentable, type Presentable } from "./Presented.ts"
import type { Product } from "./Product.ts"

/** Another way to number clients and subjects, under which a scope is the same. */
export interface Exchange {
  readonly clients: ReadonlyArray<Ref>
  readonly subjects: ReadonlyArray<Ref>
}

/** For what has no times, tokens or keys of a grant. */
const NOWHERE: View = {
  at: 0,
  horizonMillis: 0,
  currentGeneration: 0,
  keys: [],
  accessPlace: () => -1,
  refreshPlace: () => -1,
}

/** What to call a state so that states that are the same, under any of `exchanges`, are called the same. */
export const keyOf =
  (exchanges: ReadonlyArray<Exchange>) =>
  (product: Product): string => {
    const { machine, model } = product
    const general = `${machine.issuer._tag === "Initialized" ? issuer(machine.issuer, NOWHERE) : "-"}${model.isInitialized}`
    const clients = model.clients.map((thing, ref) =>
      clientText(machine.clients[ref] ?? absentClient, thing, machine.at),
    )
    const subjects = (exchanges[0]?.subjects ?? []).map((ref) =>
      numberFor(
        `subject ${subject(machine.subjects[ref] ?? initialSubject, NOWHERE)}${model.disabledSubjects.includes(ref)}${model.forgottenSubjects.includes(ref)}`,
      ),
    )
    const tokens = presentable(product)
    const grants = model.grants.map(({ from }, grant) => {
      const text = grantText(product, grant, tokens[grant]!)
      return numberFor(from.length === 0 ? text : `${text} of ${lineText(product, grant, tokens)}`)
    })
    const named = exchanges.map((exchange) => nameBy(exchange, model, clients, subjects, grants))
    return `${numberFor(general)}|${named.reduce((least, one) => (one < least ? one : least))}`
  }

/** What a grant came of, by the places of grants and of the tokens that are told apart there; to the machine, and the model. */
const lineText = ({ machine, model }: Product, ref: Ref, tokens: ReadonlyArray<Presentable>): string => {
  const placeOf = (token: Ref) => {
    const grant = model.accessTokens[token]?.grant ?? -1
    return `${grant}.${tokens[grant]?.accessTokens.indexOf(token) ?? -1}`
  }
  const opened = machine.grants[ref]
  const named = opened?._tag === "Open" ? ancestorsOf(opened) : []
  const known = named.map(({ digest }) => placeOf(machine.accessTokens.findIndex((one) => one.digest === digest)))
  const acting = opened?._tag === "Open" ? `${opened.descent?.actors.length},${opened.descent?.mayAct}` : ""
  return `${model.grants[ref]!.from.map(placeOf).join()};${known.join()};${acting}`
}

const nameBy = (
  exchange: Exchange,
  { grants }: Model,
  clientTexts: ReadonlyArray<number>,
  subjectTexts: ReadonlyArray<number>,
  grantTexts: ReadonlyArray<number>,
): string => {
  const named = grants.map(({ client, subject, mayAct }, grant) => {
    const owner = exchange.clients[client] ?? client
    const giver = subject === null ? "-" : (exchange.subjects[subject] ?? subject)
    const next = mayAct === null ? "" : `:${exchange.clients[mayAct] ?? mayAct}`
    return `${grantTexts[grant]}:${owner}:${giver}${next}`
  })
  // What came of others names them by their place, so that grants keep it.
  const isChained = grants.some(({ from }) => from.length > 0)
  const moved = (texts: ReadonlyArray<number>, places: ReadonlyArray<Ref>) => {
    const list: Array<number | undefined> = []
    texts.forEach((text, ref) => (list[places[ref] ?? ref] = text))
    return list.join()
  }
  return `${moved(clientTexts, exchange.clients)}|${moved(subjectTexts, exchange.subjects)}|${(isChained ? named : named.sort()).join()}`
}

const clientTexts = new WeakMap<ClientThing, WeakMap<Client, number>>()

/** Clients change seldom: what is said of one is remembered for as long as it is the same on both sides, and no end of it nears. */
const clientText = (client: Client, thing: ClientThing, at: number): number => {
  const isEnding =
    thing.supersededEnd !== undefined || (client._tag === "Registered" && client.replacedSecret !== undefined)
  if (isEnding) return numberFor(textOfClient(client, thing, { ...NOWHERE, at }))
  const known = clientTexts.get(thing) ?? new WeakMap<Client, number>()
  clientTexts.set(thing, known)
  const text = known.get(client)
  if (text !== undefined) return text
  const number = numberFor(textOfClient(client, thing, NOWHERE))
  known.set(client, number)
  return number
}

const textOfClient = (client: Client, thing: ClientThing, view: View): string =>
  `client ${client._tag === "Registered" ? registered(client, view) : client._tag}${clientThing(thing, view)}`

const grantText = (product: Product, ref: Ref, { refreshTokens, accessTokens }: Presentable): string => {
  const { machine, model } = product
  const grant = machine.grants[ref]
  const thing = model.grants[ref]!
  const ended = grant?._tag === "Revoked" ? grant.reason : grant?._tag
  if (isMemory(product, ref)) {
    return `memory ${ended},${thing.end},${thing.code}${thing.isDevice === true ? " device" : ""},${refreshTokens.length},${accessTokens.length}`
  }
  const view: View = {
    at: machine.at,
    horizonMillis: Math.max(model.policy.public.retryWindow, model.policy.confidential.retryWindow) + TICK_MILLIS,
    currentGeneration: grant?._tag === "Open" ? (grant.refresh?.current.generation ?? 0) : 0,
    keys: [],
    accessPlace: (digest) => accessTokens.findIndex((token) => machine.accessTokens[token]?.digest === digest),
    refreshPlace: (token) => refreshTokens.indexOf(token),
  }
  let text = `grant ${grantThing(thing, view)};`
  text += grant?._tag === "Open" ? `${openGrant(grant, view)}${standing(machine, thing, grant)}` : ended
  for (const token of refreshTokens) {
    text += `;${refreshThing(model.refreshTokens[token]!, view)}${roleOf(machine.refreshTokens[token], grant, view)}`
  }
  for (const token of accessTokens) {
    const issued = machine.accessTokens[token]
    text += `;${accessThing(model.accessTokens[token]!, view)}${issued === undefined ? "-" : issuedAccess(issued, view)}`
  }
  return text
}

/** Whose the machine takes a grant to be, where the model does not agree, and which epochs have passed since. */
const standing = (machine: Machine, { client, subject: giver }: GrantThing, grant: OpenGrant): string => {
  const owner = machine.clients[client]
  const now = {
    issuer: machine.issuer._tag === "Initialized" ? machine.issuer.epoch : null,
    client: owner === undefined || owner._tag === "Absent" ? null : owner.epoch,
    subject: giver === null ? null : (machine.subjects[giver] ?? initialSubject).epoch,
  }
  const { epochs, clientId, subjectId } = grant
  const isOwner = clientId === clientIdOf(client) && subjectId === (giver === null ? null : subjectIdOf(giver))
  const isSame = [epochs.issuer === now.issuer, epochs.client === now.client, epochs.subject === now.subject]
  return `${isSame.map(Number).join("")}${isOwner ? "" : `${clientId} ${subjectId}`}`
}

/** Which of the grant's refresh tokens the machine takes this one for. */
const roleOf = (issued: IssuedRefresh | undefined, grant: Grant | undefined, view: View): string => {
  if (issued === undefined || grant?._tag !== "Open") return "-"
  const { current, previous } = grant.refresh ?? {}
  const role = issued.digest === current?.digest ? "current" : issued.digest === previous?.digest ? "previous" : "older"
  return `${role},${issuedRefresh(issued, view)}`
}
