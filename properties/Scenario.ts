/**
 * Given, when, then: a story about the machine, told in events and commands.
 *
 * A scenario keeps the history of every stream and shows each command the slice that a provider would load for it: the
 * issuer, the client that asks, the grant it is about, that grant's subject. It needs no test framework: what did not
 * come as told is thrown as an `Error` that says where. It never changes; every step gives a new one.
 *
 *     given(issuerInitialized, clientRegistered, grantOpened, codeIssued)
 *       .when(redeemCode)
 *       .thenEvents("AuthorizationCodeRedeemed", { _tag: "AccessTokenIssued", generation: 1 }, "RefreshTokenIssued")
 *       .when(redeemCode)
 *       .thenRefused("code-replayed", "AuthorizationCodeReplayed", "GrantRevoked")
 */
import {
  ancestorsOf,
  decide,
  eventTypes,
  evolve,
  initial,
  streamOf,
  type AccessToken,
  type Ancestor,
  type AncestorState,
  type Command,
  type Decision,
  type Event,
  type EventType,
  type RefusalReason,
  type Reply,
  type State,
} from "../src/core/index.ts"

/** What is true before: an event, or a command that is decided here and now, for its events. */
export type Fact = Event | Command

/** As much of a value as matters: what is not named may be anything, `undefined` is not there, a list is complete. */
export type Pattern<A> = A extends string | number | boolean | null | undefined
  ? A
  : A extends ReadonlyArray<infer Item>
    ? ReadonlyArray<Pattern<Item>>
    : { readonly [Key in keyof A]?: Pattern<A[Key]> | undefined }

type Tagged<A extends { readonly _tag: string }> = A extends unknown ? Pattern<A> & Pick<A, "_tag"> : never

/** An event by its type, or by its type and what else matters. */
export type ExpectedEvent = EventType | Tagged<Event>
export type ExpectedReply = Tagged<Reply>

/** One command of a story, the state it was decided against, and what came of it. */
export interface Step {
  readonly command: Command
  readonly state: State
  readonly decision: Decision
}

export interface Given {
  readonly history: ReadonlyArray<Event>
  /** The commands asked with `when`, oldest first. */
  readonly steps: ReadonlyArray<Step>
  /** Adds facts. A command that is refused and proves nothing is a mistake in the story. */
  readonly given: (...facts: ReadonlyArray<Fact>) => Given
  readonly when: (command: Command) => When
}

export interface When {
  /** It was not refused, and exactly these events happened; without arguments: none. */
  readonly thenEvents: (...expected: ReadonlyArray<ExpectedEvent>) => Then
  /** It was refused for this reason, and exactly these events happened; without further arguments: none. */
  readonly thenRefused: (reason: RefusalReason, ...expected: ReadonlyArray<ExpectedEvent>) => Then
  readonly thenReply: (expected: ExpectedReply) => Then
  /** What the slice that the command was shown is like afterwards. */
  readonly thenState: (expected: Pattern<State>) => Then
}

/** A step that was checked: the story may end here, be looked at further, or go on. */
export interface Then extends Given, When {}

export const given = (...facts: ReadonlyArray<Fact>): Given => tell([], []).given(...facts)

/** The slice of `history` that `command` is decided against. */
export const sliceFor = (history: ReadonlyArray<Event>, command: Command): State => {
  const fold = (streams: ReadonlyArray<string>): State =>
    history.filter((event) => streams.includes(streamOf(event))).reduce(evolve, initial)
  const grantStream = "grantId" in command ? [`grant-${command.grantId}`] : []
  const { grant } = fold(grantStream)
  const owner = grant._tag === "Absent" ? undefined : grant
  const clientId = "clientId" in command ? command.clientId : owner?.clientId
  const presented = command._tag === "ExchangeToken" ? [command.subject, ...(command.actor ? [command.actor] : [])] : []
  const ancestors = ancestryOf(history, fold, [...presented, ...(grant._tag === "Open" ? ancestorsOf(grant) : [])])
  const from = presented.length === 0 ? undefined : ancestors[0]?.grant
  const giver = from === undefined || from._tag === "Absent" ? undefined : from.subjectId
  const subjectId = subjectOf(command) ?? owner?.subjectId ?? giver
  return { ...fold(["issuer", `client-${clientId}`, `subject-${subjectId}`, ...grantStream]), ancestors }
}

/** These tokens, and all that their grants came of. */
const ancestryOf = (
  history: ReadonlyArray<Event>,
  fold: (streams: ReadonlyArray<string>) => State,
  named: ReadonlyArray<Ancestor>,
): ReadonlyArray<AncestorState> =>
  named.flatMap((one) => {
    const { grant } = fold([`grant-${one.grantId}`])
    const owner = grant._tag === "Absent" ? undefined : grant
    const { client, subject } = fold([`client-${owner?.clientId}`, `subject-${owner?.subjectId}`])
    const own: AncestorState = { named: one, grant, client, subject, token: tokenIn(history, one.digest) }
    return [own, ...(grant._tag === "Open" ? ancestryOf(history, fold, ancestorsOf(grant)) : [])]
  })

const tokenIn = (history: ReadonlyArray<Event>, digest: string): AccessToken | null => {
  const issued = history.find((event) => event._tag === "AccessTokenIssued" && event.digest === digest)
  if (issued?._tag !== "AccessTokenIssued") return null
  const { _tag, grantId, ...token } = issued
  return token
}

/** The subject that a command is about; who revokes a grant is not asked for, for it is the grant's that matters. */
const subjectOf = (command: Command) => {
  if (command._tag === "RevokeGrant") return undefined
  return "subjectId" in command
    ? command.subjectId
    : "basis" in command && "subjectId" in command.basis
      ? command.basis.subjectId
      : undefined
}

const isEvent = (fact: Fact): fact is Event => (eventTypes as ReadonlyArray<string>).includes(fact._tag)

const tell = (history: ReadonlyArray<Event>, steps: ReadonlyArray<Step>): Given => ({
  history,
  steps,
  given: (...facts) => tell(facts.reduce(withFact, history), steps),
  when: (command) => {
    const state = sliceFor(history, command)
    return judge(history, [...steps, { command, state, decision: decide(state, command) }])
  },
})

const withFact = (history: ReadonlyArray<Event>, fact: Fact): ReadonlyArray<Event> => {
  if (isEvent(fact)) return [...history, fact]
  const { events, reply } = decide(sliceFor(history, fact), fact)
  if (reply._tag === "Refused" && events.length === 0) {
    throw new Error(`the given ${fact._tag} is refused: ${reply.reason}`)
  }
  return [...history, ...events]
}

const judge = (before: ReadonlyArray<Event>, steps: ReadonlyArray<Step>): Then => {
  const { command, state, decision } = steps.at(-1) as Step
  const { events, reply } = decision
  const check = (told: string, differences: ReadonlyArray<string>): Then => {
    if (differences.length === 0) return then
    const lines = [
      `${command._tag}: ${told}, but`,
      ...differences.map((difference) => `  ${difference}`),
      `given ${before.map((event) => event._tag).join(", ") || "nothing"}`,
      `when  ${show(command)}`,
      ...events.map((event) => `event ${show(event)}`),
      `reply ${show(reply)}`,
    ]
    throw new Error(lines.join("\n"))
  }
  const eventsDiffer = (expected: ReadonlyArray<ExpectedEvent>): ReadonlyArray<string> =>
    differences(
      "events",
      expected.map((one) => (typeof one === "string" ? { _tag: one } : one)),
      events,
    )
  const then: Then = {
    ...tell([...before, ...events], steps),
    thenEvents: (...expected) =>
      check("was to be accepted with certain events", [
        ...(reply._tag === "Refused" ? [`it was refused: ${reply.reason}`] : []),
        ...eventsDiffer(expected),
      ]),
    thenRefused: (reason, ...expected) =>
      check(`was to be refused as ${reason}`, [
        ...differences("reply", { _tag: "Refused", reason }, reply),
        ...eventsDiffer(expected),
      ]),
    thenReply: (expected) => check("was to be answered otherwise", differences("reply", expected, reply)),
    thenState: (expected) =>
      check("was to leave another state", differences("state", expected, events.reduce(evolve, state))),
  }
  return then
}

const show = (value: unknown): string => JSON.stringify(value) ?? "undefined"

const isObject = (value: unknown): value is Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null

/** Where `actual` is not what `expected` shows, one line for each place. */
const differences = (path: string, expected: unknown, actual: unknown): ReadonlyArray<string> => {
  if (!isObject(expected) || !isObject(actual) || Array.isArray(expected) !== Array.isArray(actual)) {
    return Object.is(expected, actual) ? [] : [`${path}: expected ${show(expected)}, got ${show(actual)}`]
  }
  const keys = new Set([...Object.keys(expected), ...(Array.isArray(expected) ? Object.keys(actual) : [])])
  return [...keys].flatMap((key) =>
    differences(Array.isArray(expected) ? `${path}[${key}]` : `${path}.${key}`, expected[key], actual[key]),
  )
}
