/** The grant that a question means, where its entries are in an archive that is not at hand: which one it is, and no more. */
import * as Effect from "effect/Effect"
import type { StoreFault } from "../../log/index.ts"
import type { Audit } from "../index/AuditIndex.ts"
import type { ArchivedGrant } from "./Explanation.ts"
import type { Meaning } from "./Question.ts"

/** `named` is the grant that a token names by itself. */
export const archivedGrantOf = Effect.fnUntraced(function* (
  { log, index }: Audit,
  meanings: ReadonlyArray<Meaning>,
  named: string | undefined,
): Effect.fn.Return<ArchivedGrant | undefined, StoreFault> {
  const meant = yield* Effect.forEach(meanings, (meaning) =>
    meaning._tag === "Token"
      ? index.grantIdOf(meaning.digest)
      : Effect.succeed(meaning._tag === "Grant" ? meaning.grantId : undefined),
  )
  for (const grantId of [...meant, named]) {
    const found = grantId === undefined ? undefined : yield* log.archivedStream(`grant-${grantId}`)
    if (grantId === undefined || found === undefined) continue
    return { grantId, archive: found.archive, file: found.file, entryCount: found.version }
  }
  return undefined
})
