/**
 * Every decodable command on every state has an answer, and the same one each time; every event folds into every state.
 *
 * Tried on histories that commands bring about, and on states, commands and events made up from the schemas alone.
 */
import { Arbitrary, Effect, Schema } from "effect"
import fc from "fast-check"
import { expect, it } from "vitest"
import { given, sliceFor, type Given } from "../../properties/Scenario.ts"
import {
  Client,
  Command,
  Event,
  Grant,
  Issuer,
  MAX_LIVE_ACCESS_TOKENS,
  MAX_REFUSED_ATTEMPTS,
  MAX_RETRIES,
  Subject,
  decide,
  evolve,
  initial,
  refusals,
  type State,
} from "../../src/core/index.ts"
import { command } from "./support/Arbitraries.ts"
import {
  FILES,
  MAIL,
  again,
  digest,
  jkt,
  opened,
  redeem,
  redeemed,
  refresh,
  registerDevice,
  registerService,
  resources,
  rotated,
  scopes,
  standing,
} from "./support/Facts.ts"

const isEvent = Schema.is(Event)
const isState = Schema.is(Schema.Struct({ issuer: Issuer, client: Client, subject: Subject, grant: Grant }))

/** Decides, and checks what holds for every answer: it is repeatable, changes nothing by itself, and is what is stored. */
const answerTo = (state: State, one: Command) => {
  const before = JSON.stringify([state, one])
  const decision = decide(state, one)
  expect(decide(state, one)).toEqual(decision)
  expect(JSON.stringify([state, one])).toBe(before)
  const { events, reply } = decision
  const after = events.reduce(evolve, state)
  if (reply._tag === "Refused") expect(refusals[reply.reason][0]).toBe(reply.error)
  if (reply._tag === "ClientStored") expect(after.client).toEqual(reply.client)
  if (reply._tag === "TokensIssued") {
    expect(after.grant).toMatchObject({ refresh: reply.refreshToken && { current: reply.refreshToken } })
  }
  return events
}

const beginnings: fc.Arbitrary<Given> = fc
  .constantFrom([], standing, redeemed, rotated)
  .map((facts) => given(...facts, registerService(), registerDevice()))

const history = (told: Given, commands: ReadonlyArray<Command>) =>
  commands.reduce((events, one) => [...events, ...answerTo(sliceFor(events, one), one)], told.history)

it("a command of any history is answered, and its events and states are ones that can be stored", () => {
  fc.assert(
    fc.property(beginnings, fc.array(command, { maxLength: 12 }), (told, commands) => {
      const events = history(told, commands)
      expect(events.slice(told.history.length).every(isEvent)).toBe(true)
      for (const one of commands) expect(isState(sliceFor(events, one))).toBe(true)
    }),
    { numRuns: 150 },
  )
})

it("the answer to a refresh says of the refresh token what is recorded of it, whatever key was proved", () => {
  for (const key of [null, jkt("key")]) {
    for (const begun of [redeemed, [...opened, redeem({ jkt: jkt("key") })]]) {
      const { history: events } = given(...begun)
      const one = refresh(1, { jkt: key })
      answerTo(sliceFor(events, one), one)
    }
  }
})

/** What anybody who holds a spent token, or a code without its verifier, can send as often as they like. */
const stubborn = fc.oneof(
  fc.constant(redeem({ verifier: null })),
  fc
    .record({
      scopes: fc.constantFrom(null, scopes("read"), scopes("write")),
      resources: fc.constantFrom(null, resources(FILES), resources(MAIL)),
      jkt: fc.constantFrom(null, jkt("key"), jkt("other-key")),
    })
    .map((over) => again(over.scopes || over.resources ? "access-other" : "access-2", over)),
)

it("however often the same is tried, the log and the state of a grant grow by a constant at most", () => {
  fc.assert(
    fc.property(fc.array(stubborn, { minLength: 20, maxLength: 60 }), (commands) => {
      const told = given(...rotated)
      const events = history(told, commands)
      const { grant } = sliceFor(events, redeem())
      if (grant._tag !== "Open") throw new Error("the grant was ended")
      expect(events.length - told.history.length).toBeLessThanOrEqual(MAX_REFUSED_ATTEMPTS + 2 * MAX_RETRIES)
      expect(grant.accessTokens.length).toBeLessThanOrEqual(MAX_LIVE_ACCESS_TOKENS)
      expect(grant.code?.refusedCount).toBeLessThanOrEqual(MAX_REFUSED_ATTEMPTS)
      expect(grant.refresh?.previous?.retryCount).toBeLessThanOrEqual(MAX_RETRIES)
      expect(grant.refresh?.previous?.answers.length).toBeLessThanOrEqual(MAX_RETRIES + 1)
      expect(grant.refresh?.current.digest).toBe(digest("refresh-2"))
    }),
    { numRuns: 60 },
  )
})

/** Lets made-up parts fit together, so that deciding gets past the first checks; resources are too rare to be made up. */
const fitting = ([issuer, client, subject, grant, one, fits]: readonly [
  Issuer,
  Client,
  Subject,
  Grant,
  Command,
  boolean,
]): readonly [State, Command] => {
  if (!fits || client._tag === "Absent" || grant._tag !== "Open")
    return [{ issuer, client, subject, grant, ancestors: [] }, one]
  const { clientId } = client
  const epochs = {
    issuer: issuer._tag === "Initialized" ? issuer.epoch : grant.epochs.issuer,
    client: client.epoch,
    subject: grant.subjectId === null ? null : subject.epoch,
  }
  const own: Grant = { ...grant, clientId, epochs, resources: resources(FILES, MAIL) }
  return [{ issuer, client, subject, grant: own, ancestors: [] }, "clientId" in one ? { ...one, clientId } : one]
}

const madeUp = Arbitrary.all([
  Arbitrary.schema(Issuer),
  Arbitrary.schema(Client),
  Arbitrary.schema(Subject),
  Arbitrary.schema(Grant),
  Arbitrary.schema(Command),
  Arbitrary.schema(Schema.Boolean),
]).pipe(Arbitrary.map(fitting))

const holds = <A>(arbitrary: Arbitrary.Arbitrary<A>, property: (value: A) => void, runs: number) => {
  const checked = Arbitrary.checkEffect(
    arbitrary,
    (value) => Effect.try({ try: () => (property(value), true), catch: String }),
    { runs, maxDiscards: 100_000 },
  )
  const failure = Arbitrary.formatCheckFailure(Effect.runSync(checked))
  if (failure !== undefined) throw new Error(failure)
}

it("a made-up command on a made-up state is answered, and its events fold", () => {
  holds(madeUp, ([state, one]) => void answerTo(state, one).reduce(evolve, state), 400)
})

it("a made-up event folds into any state, and leaves a state", () => {
  const event = Arbitrary.schema(Event)
  holds(
    Arbitrary.all([madeUp, Arbitrary.array(event, { maxLength: 6 })]),
    ([[state], events]) => {
      expect(isState(events.reduce(evolve, state))).toBe(true)
      expect(isState(events.reduce(evolve, initial))).toBe(true)
    },
    150,
  )
})
