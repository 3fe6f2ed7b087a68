/**
 * Who acts for somebody else (RFC 8693 4.1): the current actor outermost, and within it whoever acted before.
 *
 * Only the outermost one counts for anything that is decided; those within are there to be shown.
 */
export interface Act {
  /** A client, or a subject of its own. */
  readonly sub: string
  readonly act?: Act
}

/** The claim for these actors, the current one first; `undefined` where nobody acts. */
export const actOf = (actors: ReadonlyArray<string>): Act | undefined =>
  actors.reduceRight<Act | undefined>((act, sub) => (act === undefined ? { sub } : { sub, act }), undefined)

const MAX_DEPTH = 16

/** The actors in a claim of somebody else's, the current one first; `undefined` where it cannot be read. */
export const actorsIn = (claim: unknown): ReadonlyArray<string> | undefined => {
  const actors: Array<string> = []
  for (let at = claim; at !== undefined;) {
    if (typeof at !== "object" || at === null || actors.length >= MAX_DEPTH) return undefined
    const { sub, act } = at as { readonly sub?: unknown; readonly act?: unknown }
    if (typeof sub !== "string" || sub === "") return undefined
    actors.push(sub)
    at = act
  }
  return actors
}
