/** An explanation as text: what it is first, then why, where from, who, what else, and what to do. */
import {
  called,
  jwtSentence,
  shortDigest,
  type Command,
  type Explanation,
  type Relative,
  type Standing,
  type EventLine,
} from "../../audit/index.ts"
import { textOf } from "../Print.ts"
import { emphasised } from "../Terminal.ts"
import { requestOriginText } from "./RequestOrigins.ts"
import type { ShowTime } from "./Times.ts"

const colours = { alive: "green", suspended: "yellow", dead: "red" } as const

const section = (heading: string, lines: ReadonlyArray<string>): ReadonlyArray<string> =>
  lines.length === 0 ? [] : ["", heading, ...lines.map((line) => `  ${textOf(line)}`)]

const commandLines = (commands: ReadonlyArray<Command>): ReadonlyArray<string> =>
  commands.flatMap(({ command, purpose }) => [command, `    ${purpose}`])

/** Who did it: a client with its name. */
export const whoOf = ({ actor, actorName }: Pick<EventLine, "actor" | "actorName">): string =>
  actor === null ? "nobody named" : called(actor, actorName)

/** Who did it and with which request, in a few words. */
const byWhom = (line: EventLine): string => {
  const origin = requestOriginText(line)
  return `by ${whoOf(line)}, request ${line.correlationId}${origin === undefined ? "" : `, ${origin}`}`
}

export const eventLineText = (line: EventLine, show: ShowTime): string =>
  textOf(`#${line.position}  ${show(line.at)}  ${line.sentence}  (${byWhom(line)})`)

export const relativeLine = (relative: Relative, show: ShowTime): string => {
  const { kind, digest, generation, expiresAt, position, grantId, clientId } = relative
  const exchanged =
    grantId === undefined ? "" : `, of grant ${grantId} of client ${clientId}, for which it was exchanged`
  return `${kind} ${shortDigest(digest)}  generation ${generation}, until ${show(expiresAt)}, issued as #${position}${exchanged}`
}

const standingLines = ({ status, until, cause, others }: Standing, show: ShowTime): ReadonlyArray<string> => {
  const word = emphasised(status.toUpperCase(), colours[status])
  if (cause === null) return [`${word}${until === null ? "" : ` until ${show(until)}`}`]
  const also = others.map(({ sentence, since, rule, isTheft }) => {
    const mark = isTheft ? emphasised("THEFT", "red") : "also"
    return `${mark} since ${show(since)}: ${textOf(sentence)} (${rule})`
  })
  return [
    `${word} since ${show(cause.since)}: ${textOf(cause.sentence)}`,
    `rule ${cause.rule} (${cause.requirements.join(", ")})`,
    ...also,
  ]
}

export const explainText = (explanation: Explanation, show: ShowTime): string => {
  const { asOf, next, proof } = explanation
  const as = `as of ${show(asOf.at)}, ${asOf.size} entries`
  const commands = [
    ...section("what to do next", commandLines(next)),
    ...section("how to prove it", commandLines(proof)),
  ]
  const jwt = explanation.jwt === undefined ? [] : [textOf(jwtSentence(explanation.jwt))]
  if (!explanation.isOurs) return ["NOT OURS", as, ...jwt, ...commands].join("\n")
  const { kind, id, grantId, clientId, clientName, subjectId, standing, chain, ancestry, presentations } = explanation
  const { descendants, siblings, grants, hasMoreGrants, untold } = explanation
  const owners = [
    ...(kind === "grant" || grantId === null ? [] : [`grant ${grantId}`]),
    ...(kind === "client" || clientId === null ? [] : [`client ${called(clientId, clientName)}`]),
    ...(kind === "subject" || subjectId === null ? [] : [`subject ${subjectId}`]),
  ]
  const linesOf = (entries: ReadonlyArray<EventLine>) => entries.map((line) => eventLineText(line, show))
  const alive = (relatives: ReadonlyArray<Relative>) => relatives.map((one) => relativeLine(one, show))
  const isToken = digestKinds.includes(kind)
  return [
    `${kind} ${isToken ? `with SHA-256 ${id}` : textOf(kind === "client" ? called(id, clientName) : id)}`,
    ...(owners.length === 0 ? [] : [textOf(owners.join(", "))]),
    as,
    ...jwt,
    "",
    ...standingLines(standing, show),
    ...section("what led to that", linesOf(chain)),
    ...section("where it came from", [...linesOf(ancestry), ...leftOut(untold.generations, "generations between")]),
    ...section(isToken ? "who presented it (verifications are not recorded)" : "what happened to it", [
      ...leftOut(untold.presentations, "older events"),
      ...linesOf(presentations),
    ]),
    ...section(`alive because of it: ${descendants.length}`, alive(descendants)),
    ...section(`alive beside it: ${siblings.length}`, alive(siblings)),
    ...section(
      `grants with something alive: ${grants.length}${hasMoreGrants ? " or more" : ""}`,
      grants.map(
        (one) =>
          `${one.grantId}  client ${called(one.clientId, one.clientName)}, opened ${show(one.openedAt)}, alive: ${one.aliveCount}`,
      ),
    ),
    ...commands,
  ].join("\n")
}

/** How many were left out, if any; `grantlog history` has them all. */
const leftOut = (count: number, what: string): ReadonlyArray<string> =>
  count === 0 ? [] : [`… ${count} ${what} are left out: grantlog history has them`]

const digestKinds: ReadonlyArray<string> = ["code", "access token", "refresh token"]
