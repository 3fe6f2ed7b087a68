/**
 * `grantlog spec [id]`: what the standards ask of this server, which line enforces it, and which tests try it.
 *
 * In a checkout the source itself is read; an installed package has no tests, so its build wrote the trace down. Says
 * nothing of a run: that is in `spec/REPORT.md`.
 */
import { existsSync, readFileSync } from "node:fs"
import { join } from "node:path"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import type { Attack, Requirement } from "../../../spec/requirements/index.ts"
import type { Entry, Standing, Trace, TriedAttack } from "../../../spec/trace/Trace.ts"
import { makeCommand } from "../Defaults.ts"
import { CommandFault } from "../Failure.ts"
import { json } from "../Flags.ts"
import { printFields, printJson, printLine, printTable, textOf } from "../Print.ts"

const standings = [
  "traced",
  "untried",
  "unplaced",
  "declined",
  "not offered",
  "open",
] as const satisfies ReadonlyArray<Standing>

const MAX_SUGGESTIONS = 5

/** The catalogue is large and only this command wants it, so that it is loaded here. */
const load = Effect.tryPromise({
  try: async () => {
    const [{ attacks, documents, requirements }, { repository }] = await Promise.all([
      import("../../../spec/requirements/index.ts"),
      import("../../../spec/trace/Sources.ts"),
    ])
    const { entries, attacks: tried } = existsSync(join(repository, "test"))
      ? await readTrace()
      : builtTrace(repository)
    const entryOf = new Map(entries.map((entry) => [entry.id, entry]))
    const clauses = requirements.flatMap((requirement: Requirement) => {
      const entry = entryOf.get(requirement.id)
      return entry === undefined ? [] : [{ requirement, entry }]
    })
    const titleOf = new Map<string, string>(documents.map(({ id, title }) => [id, title]))
    return {
      clauses,
      titleOf,
      attacks: attacks.map((attack: Attack) => ({ attack, tried: tried.find(({ id }) => id === attack.id) })),
    }
  },
  catch: (cause) =>
    new CommandFault({
      message: `the trace cannot be read: ${cause instanceof Error ? cause.message : String(cause)}`,
    }),
})

const builtTrace = (packageFolder: string): Trace => {
  const file = join(packageFolder, "dist/trace.json")
  if (!existsSync(file)) throw new Error("this package was built without it; read spec/REPORT.md in the repository")
  return JSON.parse(readFileSync(file, "utf8")) as Trace
}

const readTrace = async (): Promise<Trace> => {
  const [{ traceOf }, { materialWith }, { promises }] = await Promise.all([
    import("../../../spec/trace/Trace.ts"),
    import("../../../spec/trace/Material.ts"),
    import("../../../properties/invariants/index.ts"),
  ])
  return traceOf(materialWith(promises))
}

/** Ids that have most of the words of what was typed, in them, in what they ask or in the title of their document. */
const nearest = (
  typed: string,
  clauses: ReadonlyArray<{ readonly id: string; readonly about: string }>,
): ReadonlyArray<string> => {
  const wordsOf = (text: string) => new Set(text.toLowerCase().split(/[^a-z0-9]+/))
  const wanted = [...wordsOf(typed)]
  const shared = (text: string) => wanted.filter((word) => wordsOf(text).has(word)).length
  return clauses
    .map(({ id, about }) => ({ id, sharedCount: 2 * shared(id) + shared(about) }))
    .filter(({ sharedCount }) => sharedCount > 0)
    .toSorted((left, right) => right.sharedCount - left.sharedCount)
    .slice(0, MAX_SUGGESTIONS)
    .map(({ id }) => id)
}

const triedBy = ({
  promises,
  attacks,
  vectors,
  tests,
}: Pick<Entry, "promises" | "attacks" | "vectors" | "tests">): ReadonlyArray<string> => [
  ...promises.map((name) => `the promise ${name}`),
  ...attacks.map((id) => `the attack ${id}`),
  ...vectors.map((id) => `the vector ${id}`),
  ...tests.map(({ path, line, title }) => `${path}:${line}  ${title}`),
]

const listed = (heading: string, lines: ReadonlyArray<string>): string =>
  [heading, ...(lines.length === 0 ? ["-"] : lines).map((line) => `  ${textOf(line)}`)].join("\n")

const chosen = <const Choices extends ReadonlyArray<string>>(name: string, choices: Choices, description: string) =>
  Flag.Literals(name, choices).pipe(Flag.withDescription(description), Flag.optional)

const isWanted = <A>(wanted: Option.Option<A>, value: A): boolean =>
  Option.match(wanted, { onNone: () => true, onSome: (one) => one === value })

/** An attack, what stops it, and what tries it. */
const shown = Effect.fn(function* ({
  attack,
  tried,
}: {
  readonly attack: Attack
  readonly tried: TriedAttack | undefined
}) {
  const { id, name, source, attacker, stoppedBy, test } = attack
  yield* printFields({
    id,
    attack: name,
    source,
    attacker,
    "stopped by": stoppedBy.length === 0 ? "no requirement: a risk that stays" : stoppedBy.join(", "),
    "tried so": test,
  })
  const { tests = [], promises = [] } = tried ?? {}
  yield* printLine(listed("\ntried by", triedBy({ tests, promises, attacks: [], vectors: [] })))
})

export const spec = makeCommand(
  "spec",
  {
    id: Argument.String("id").pipe(
      Argument.withDescription("a requirement, an attack (A01) or a document (RFC9449); without it, all"),
      Argument.optional,
    ),
    document: Flag.String("document").pipe(Flag.withDescription("only those of a document"), Flag.optional),
    standing: chosen("standing", standings, "only those that stand so"),
    priority: chosen("priority", ["P0", "P1", "P2"], "only those of a priority"),
    json,
  },
  Effect.fn(function* (flags) {
    const { clauses, titleOf, attacks } = yield* load
    const isDocument = Option.exists(flags.id, (id) => titleOf.has(id))
    if (Option.isSome(flags.id) && !isDocument) {
      const id = flags.id.value
      const attack = attacks.find((one) => one.attack.id === id)
      if (attack !== undefined)
        return yield* flags.json ? printJson({ ...attack.attack, ...attack.tried }) : shown(attack)
      const clause = clauses.find(({ requirement }) => requirement.id === id)
      if (clause === undefined) {
        const near = nearest(
          id,
          clauses.map(({ requirement: { id: one, doc, text } }) => ({ id: one, about: `${titleOf.get(doc)} ${text}` })),
        )
        const hint = near.length === 0 ? "list them without an id" : `near it: ${near.join(", ")}`
        return yield* new CommandFault({ message: `there is no requirement \`${id}\`; ${hint}` })
      }
      const { requirement, entry } = clause
      if (flags.json) return yield* printJson({ ...requirement, ...entry })
      const { doc, section, level, priority, roles, text } = requirement
      yield* printFields({
        id,
        document: `${titleOf.get(doc)} (${doc}), ${section}`,
        level: `${level}, ${priority}, asked of ${roles.join(" and ")}`,
        asks: text,
        standing: entry.because === undefined ? entry.standing : `${entry.standing}: ${entry.because}`,
      })
      yield* printLine(
        listed(
          "\nenforced at",
          entry.enforcedAt.map(({ path, line }) => `${path}:${line}`),
        ),
      )
      return yield* printLine(listed("\ntried by", triedBy(entry)))
    }

    const wanted = isDocument ? flags.id : flags.document
    if (Option.isSome(flags.document) && !titleOf.has(flags.document.value)) {
      const documents = [...titleOf.keys()].join(", ")
      return yield* new CommandFault({
        message: `there is no document \`${flags.document.value}\`: it is one of ${documents}`,
      })
    }
    const rows = clauses
      .filter(
        ({ requirement: { doc, priority }, entry }) =>
          isWanted(wanted, doc) && isWanted(flags.standing, entry.standing) && isWanted(flags.priority, priority),
      )
      .map(({ requirement: { id, level, priority }, entry }) => ({
        id,
        level,
        priority,
        standing: entry.standing,
        enforced: entry.enforcedAt.length,
        tried: triedBy(entry).length,
      }))
    yield* flags.json ? printJson(rows) : printTable(rows, "no requirements")
  }),
)
