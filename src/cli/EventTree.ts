/**
 * A grant's history as a tree: what happened, and what came of it.
 *
 * Read from the log, entry by entry; a token hangs below the code or token it came from. Digests are shortened, and
 * there is nothing secret to leave out.
 */
import type { Event } from "../core/index.ts"
import { issuedDigest } from "../core/index.ts"
import { called, type NameOf } from "../audit/index.ts"
import type { Recorded } from "../log/index.ts"
import { textOf, time } from "./Print.ts"

interface Node {
  readonly line: string
  readonly children: Array<Node>
}

const detail = (event: Event, nameOf: NameOf): string => {
  const parts: Array<string> = []
  if ("clientId" in event) parts.push(`client ${called(event.clientId, nameOf(event.clientId))}`)
  if ("subjectId" in event && event.subjectId !== null) parts.push(`subject ${event.subjectId}`)
  if ("basis" in event) parts.push(`approved by ${event.basis._tag.toLowerCase()}`)
  if ("generation" in event) parts.push(`generation ${event.generation}`)
  if ("reason" in event) parts.push(`reason ${event.reason}`)
  if ("fault" in event) parts.push(`fault ${event.fault}`)
  const digest = issuedDigest(event)
  if (digest !== undefined) parts.push(`sha256 ${digest.slice(0, 12)}…`)
  if ("scopes" in event && event.scopes.length > 0) parts.push(`scope ${event.scopes.join(" ")}`)
  return parts.join(", ")
}

const parentOf = (event: Event): string | undefined =>
  "parent" in event && event.parent !== null ? event.parent : undefined

const draw = (nodes: ReadonlyArray<Node>, indent: string): ReadonlyArray<string> =>
  nodes.flatMap(({ line, children }, index) => {
    const isLast = index === nodes.length - 1
    return [`${indent}${isLast ? "└─" : "├─"} ${line}`, ...draw(children, `${indent}${isLast ? "   " : "│  "}`)]
  })

/** Entries of a stream, oldest first, under its name; what hangs below an entry that is not among them stands at the top. */
export const eventTree = (stream: string, entries: ReadonlyArray<Recorded>, nameOf: NameOf): string => {
  const roots: Array<Node> = []
  const byDigest = new Map<string, Node>()
  for (const { event, position, recordedAt } of entries) {
    const node: Node = {
      line: textOf(`${event._tag}  #${position}  ${time(recordedAt)}  ${detail(event, nameOf)}`.trimEnd()),
      children: [],
    }
    const parent = byDigest.get(parentOf(event) ?? "")
    ;(parent?.children ?? roots).push(node)
    const digest = issuedDigest(event)
    if (digest !== undefined) byDigest.set(digest, node)
  }
  return [stream, ...draw(roots, "")].join("\n")
}
