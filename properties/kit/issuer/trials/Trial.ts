/**
 * A trial on a server that nobody can look into: a short story, with a login or two and one trouble.
 *
 * It only acts. Whether what came of it breaks a promise is judged afterwards, and by the promises alone; `promises`
 * names those that a story is told for, so that it can be left out when they are not asked for.
 */
import { refreshing } from "../../../Asking.ts"
import type { Objected } from "../../judging/Judge.ts"
import { tokensIn, type Actor } from "../Actor.ts"
import type { Issuer } from "../Issuer.ts"

export interface Trial {
  /** Also the path to replay it by. */
  readonly name: string
  readonly promises: ReadonlyArray<string>
  /** Whether chance decides: it is told more than once where logins cost nothing. */
  readonly isRace?: boolean
  /** What two sessions show side by side, and no step by itself, is objected to here. */
  readonly act: (actor: Actor, issuer: Issuer) => Promise<Objected | void>
}

/** The same thing several times. */
export const times = <A>(count: number, item: A): ReadonlyArray<A> => Array.from({ length: count }, () => item)

/** Refreshes with each, and looks at what came of it: a session that is answered has to be one. */
export const useAll = async ({ act, look }: Actor, tokens: ReadonlyArray<number | null>): Promise<void> => {
  for (const token of tokens) {
    if (token === null) continue
    const [next] = tokensIn([await act(refreshing(token))])
    if (next !== undefined) await look(next.access)
  }
}
