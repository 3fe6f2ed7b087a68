/**
 * The trace: for each requirement where it is enforced, what tries it, and, where neither is so, why.
 *
 * A function of texts and lists, so that it can be fed a breach. A requirement that nobody enforces or tries, and that no
 * list excuses, is `open`: a gap that is said, not hidden. Never looks at a run; that is `Verdict.ts`.
 */
import { attacks, notOffered, properties, requirements, vectors } from "../requirements/index.ts"
import type { AttackId, RequirementId } from "../requirements/index.ts"
import { annotationsOf } from "./Annotations.ts"
import { exceptionsOf } from "./Exceptions.ts"
import type { SourceText } from "./Sources.ts"
import { namedTests, type NamedTest } from "./Tests.ts"

/** What the trace needs of a promise. */
export interface PromiseNamed {
  readonly name: string
  readonly sentence: string
  readonly requirements: ReadonlyArray<RequirementId>
  readonly attacks: ReadonlyArray<AttackId>
}

export const standings = {
  traced: "enforced and tried",
  untried: "enforced, and tried by nothing that names it",
  unplaced: "tried, but no line says that it enforces it",
  declined: "not done, for a reason that is written down",
  "not offered": "of a feature that this server does not have",
  open: "nobody enforces or tries it",
} as const

export type Standing = keyof typeof standings

export interface Line {
  readonly path: string
  readonly line: number
}

export interface Entry {
  readonly id: string
  readonly standing: Standing
  /** The page that declines it, or the feature that is missing. */
  readonly because?: string
  readonly enforcedAt: readonly Line[]
  readonly tests: readonly NamedTest[]
  readonly promises: readonly string[]
  /** Attacks that it stops and that a test or a promise tries. */
  readonly attacks: readonly string[]
  readonly vectors: readonly string[]
}

export interface TriedAttack {
  readonly id: string
  readonly tests: readonly NamedTest[]
  readonly promises: readonly string[]
}

export interface Trace {
  readonly entries: readonly Entry[]
  readonly attacks: readonly TriedAttack[]
}

export interface Traced extends Trace {
  /** Ids that nobody knows, contradictions, annotations that stand nowhere. */
  readonly faults: readonly string[]
}

export interface Material {
  readonly sources: readonly SourceText[]
  readonly tests: readonly SourceText[]
  readonly exceptions: readonly SourceText[]
  readonly promises: readonly PromiseNamed[]
}

const CONTRACT_ROW_COUNT = 26

const requirementIds: ReadonlySet<string> = new Set(requirements.map(({ id }) => id))
const attackIds: ReadonlySet<string> = new Set(attacks.map(({ id }) => id))
const vectorIds: ReadonlySet<string> = new Set(vectors.map(({ id }) => id))

/** Every id that a test may name: requirements, attacks, properties, vectors, rows of the contract. */
const knownToTests: ReadonlySet<string> = new Set([
  ...requirementIds,
  ...attackIds,
  ...vectorIds,
  ...Object.keys(properties),
  ...Array.from({ length: CONTRACT_ROW_COUNT }, (_, index) => `B${index + 1}`),
])

export const traceOf = ({ sources, tests: testTexts, exceptions, promises }: Material): Traced => {
  const annotations = annotationsOf(sources)
  const { tests, faults: testFaults } = namedTests(testTexts)
  const { pages, faults: pageFaults } = exceptionsOf(exceptions)
  const missing = new Map<string, string>(notOffered.flatMap((one) => one.requirements.map((id) => [id, one.feature])))

  const tried = attacks.map(({ id }): TriedAttack => ({
    id,
    tests: tests.filter(({ ids }) => ids.includes(id)),
    promises: promises.filter((promise) => promise.attacks.includes(id)).map(({ name }) => name),
  }))
  const isTried = (id: AttackId): boolean =>
    tried.some((attack) => attack.id === id && attack.tests.length + attack.promises.length > 0)

  const entries = requirements.map((requirement): Entry => {
    const { id } = requirement
    const enforcedAt = annotations
      .filter((one) => one.id === id)
      .map(({ path, codeLine }) => ({ path, line: codeLine }))
    const ownTests = tests.filter(({ ids }) => ids.includes(id))
    const links = {
      enforcedAt,
      tests: ownTests,
      promises: promises.filter((promise) => promise.requirements.includes(id)).map(({ name }) => name),
      attacks: attacks
        .filter((attack) => isTried(attack.id) && (attack.stoppedBy as readonly string[]).includes(id))
        .map((attack) => attack.id),
      vectors: [...new Set(ownTests.flatMap(({ ids }) => ids.filter((one) => vectorIds.has(one))))],
    }
    const isTriedDirectly = links.tests.length + links.promises.length + links.attacks.length > 0
    const page = pages.find(({ ids }) => ids.includes(id))
    if (page !== undefined) return { id, standing: "declined", because: page.path, ...links }
    const feature = missing.get(id)
    if (feature !== undefined) return { id, standing: "not offered", because: feature, ...links }
    if (enforcedAt.length > 0) return { id, standing: isTriedDirectly ? "traced" : "untried", ...links }
    return { id, standing: isTriedDirectly ? "unplaced" : "open", ...links }
  })

  const unknown = (at: string, ids: readonly string[], known: ReadonlySet<string>): readonly string[] =>
    ids.filter((one) => !known.has(one)).map((one) => `${at} names \`${one}\`, which is not in the catalogue`)
  return {
    entries,
    attacks: tried,
    faults: [
      ...annotations.flatMap(({ path, line, id }) => unknown(`${path}:${line}`, [id], requirementIds)),
      ...tests.flatMap(({ path, line, ids }) => unknown(`${path}:${line}`, ids, knownToTests)),
      ...promises.flatMap((one) => [
        ...unknown(`the promise ${one.name}`, one.requirements, requirementIds),
        ...unknown(`the promise ${one.name}`, one.attacks, attackIds),
      ]),
      ...pages.flatMap(({ path, ids }) => unknown(path, ids, requirementIds)),
      ...testFaults,
      ...pageFaults,
      ...entries
        .filter(({ standing, enforcedAt }) => ["declined", "not offered"].includes(standing) && enforcedAt.length > 0)
        .map(({ id, standing, enforcedAt: [at] }) => `${id} is ${standing}, yet ${at?.path}:${at?.line} enforces it`),
    ],
  }
}
