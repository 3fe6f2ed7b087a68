/** Places where operations are carried out: over servers that do as they are told, or a log in memory. */
import { Effect } from "effect"
import type { OperationFault, Place, Workplace } from "../../../../src/cli/admin/Place.ts"
import type { AuthorizationServer, ServerStore } from "../../../../src/provider/index.ts"
import { memoryStore } from "../../../../src/provider/index.ts"

const unasked = Effect.die("not asked for")

/** A server of which only some things are asked. */
type Told = {
  readonly [Name in keyof AuthorizationServer]?: Partial<AuthorizationServer[Name]> | AuthorizationServer[Name]
}

export interface Given extends Partial<Omit<Place, "workplace">> {
  readonly server?: Told
  readonly log?: ServerStore
  readonly subjectKeys?: Partial<Workplace["subjectKeys"]>
}

/** Whatever is not given is not asked for, or fails the test. */
export const placeOf = ({ server = {}, log = memoryStore(), subjectKeys = {}, ...place }: Given): Place => ({
  workplace: Effect.succeed({ server, log, subjectKeys, beside: {} } as unknown as Workplace),
  examined: unasked,
  withArchives: Effect.succeed,
  signingKeys: unasked,
  requestOrigins: unasked,
  onProgress: () => {},
  ...place,
})

/** How something fails, as it is told. */
export const faultOf = async (asked: Effect.Effect<unknown, OperationFault>): Promise<object> => {
  const { _tag, message, ...more } = await Effect.runPromise(Effect.flip(asked))
  return { _tag, message, ...("isAbsence" in more ? { isAbsence: more.isAbsence } : {}) }
}

export const notThere = (message: string): object => ({ _tag: "CommandFault", message, isAbsence: true })
