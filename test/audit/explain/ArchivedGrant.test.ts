/** A grant whose entries are in an archive that is not at hand is found by whatever is asked about, and no more is told. */
import { Effect } from "effect"
import { expect, it } from "vitest"
import type { Audit } from "../../../src/audit/index.ts"
import { archivedGrantOf } from "../../../src/audit/explain/ArchivedGrant.ts"
import type { Meaning } from "../../../src/audit/index.ts"

const kept = (archive: number) => ({ archive, file: `${archive}.archive`, version: 10 + archive })
const archives: Readonly<Record<string, ReturnType<typeof kept>>> = { "grant-one": kept(1), "grant-two": kept(2) }
const audit = {
  log: { archivedStream: (stream: string) => Effect.succeed(archives[stream]) },
  index: { grantIdOf: (digest: string) => Effect.succeed(digest === "token of one" ? "one" : undefined) },
} as unknown as Audit

const token = (digest: string) => ({ _tag: "Token", digest }) as Meaning
const grant = (grantId: string) => ({ _tag: "Grant", grantId }) as Meaning
const client = (clientId: string) => ({ _tag: "Client", clientId }) as Meaning
const one = { grantId: "one", archive: 1, file: "1.archive", entryCount: 11 }
const two = { grantId: "two", archive: 2, file: "2.archive", entryCount: 12 }

it.each<readonly [string, ReadonlyArray<Meaning>, string | undefined, object | undefined]>([
  ["a token that the index knows", [token("token of one")], undefined, one],
  ["a token of which only its grant is known, for it names it", [token("unknown")], "two", two],
  ["a grant", [grant("two")], undefined, two],
  ["whichever is found first", [token("unknown"), grant("living"), grant("two"), token("token of one")], "one", two],
  ["what it means before what it names", [token("token of one")], "two", one],
  ["nothing that is known", [token("unknown"), grant("living")], undefined, undefined],
  ["nothing that is archived", [grant("living")], "living", undefined],
  ["a client, which is never archived", [client("one")], undefined, undefined],
  ["nothing at all", [], undefined, undefined],
])("by %s", async (_, meanings, named, found) => {
  expect(await Effect.runPromise(archivedGrantOf(audit, meanings, named))).toEqual(found)
})
