/** What is alive, drawn as a tree: clients, their grants, what is alive of each, with counts. */
import { called, type BlastGrant, type BlastRadius } from "../../audit/index.ts"
import { textOf } from "../Print.ts"
import { relativeLine } from "./ExplainText.ts"
import type { ShowTime } from "./Times.ts"

const branch = (isLast: boolean): readonly [string, string] => (isLast ? ["└─ ", "   "] : ["├─ ", "│  "])

const counted = (count: number, one: string): string => `${count} ${one}${count === 1 ? "" : "s"}`

const countsLine = ({ counts }: BlastRadius): string => {
  const alive = [
    counted(counts.refreshTokens, "refresh token"),
    counted(counts.accessTokens, "access token"),
    counted(counts.codes, "code"),
  ].join(", ")
  const suspended = counts.suspendedGrants === 0 ? "" : ` (${counts.suspendedGrants} suspended with their client)`
  const owners = `${counted(counts.clients, "client")} and ${counted(counts.subjects, "subject")}`
  return `${counted(counts.grants, "grant")}${suspended} of ${owners}; alive: ${alive}`
}

const grantLines = (grant: BlastGrant, show: ShowTime): ReadonlyArray<string> => {
  const { grantId, subjectId, openedAt, isSuspended, alive } = grant
  const whose = subjectId === null ? "its own" : `subject ${subjectId}`
  const head = `grant ${grantId}  ${whose}, opened ${show(openedAt)}${isSuspended ? ", suspended" : ""}`
  const lines = alive.map((one, index) => branch(index === alive.length - 1)[0] + relativeLine(one, show))
  return [textOf(head), ...lines]
}

export const blastText = (radius: BlastRadius, show: ShowTime): string => {
  const byClient = Map.groupBy(radius.grants, ({ clientId }) => clientId)
  const clients = [...byClient].flatMap(([clientId, grants], at) => {
    const [mark, indent] = branch(at === byClient.size - 1)
    const below = grants.flatMap((grant, index) => {
      const [first, rest] = branch(index === grants.length - 1)
      return grantLines(grant, show).map((line, lineIndex) => indent + (lineIndex === 0 ? first : rest) + line)
    })
    return [
      `${mark}client ${textOf(called(clientId, grants[0]!.clientName))}  ${counted(grants.length, "grant")}`,
      ...below,
    ]
  })
  const unnamed = radius.counts.grants - radius.grants.length
  return [
    `${textOf(called(radius.root, radius.rootName))}  ${countsLine(radius)}`,
    ...clients,
    ...(unnamed === 0 ? [] : [`… and ${counted(unnamed, "grant")} more: --limit`]),
  ].join("\n")
}
