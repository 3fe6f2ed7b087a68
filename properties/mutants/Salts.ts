/** Mutants of the salts: kept too long or not at all, of the wrong rotation, or in a copy of the log again. */
import { edit, type Edit, type Mutant } from "./Mutant.ts"

const SALTS = "src/provider/RetrySalts.ts"
const SECRETS = "src/log/RetrySecrets.ts"

const broken = (
  name: string,
  test: string,
  title: string,
  promise: string | undefined,
  ...edits: ReadonlyArray<Edit>
): Mutant => ({
  name,
  offends: "salts",
  edits,
  ...(promise === undefined ? {} : { promise }),
  tests: [test],
  titles: [title],
})

export const saltMutants: ReadonlyArray<Mutant> = [
  broken(
    "salts are kept after their window",
    "test/provider/RetrySalts.test.ts",
    "gets none from an idle server either",
    undefined,
    edit(SECRETS, "return isDue(end, now) ? place.within((held) => deleteDue(held, now)) : end", "return end"),
    edit(SECRETS, "          deleteDue(rows, now)\n", ""),
  ),
  broken(
    "nobody destroys them where nothing else happens",
    "test/provider/RetrySalts.test.ts",
    "gets none from an idle server either",
    undefined,
    edit(SALTS, "        Effect.tap(() => watch),\n", ""),
  ),
  broken(
    "salts are not written",
    "test/provider/RetrySalts.test.ts",
    "is given again to the end of its window",
    undefined,
    edit(SALTS, "if (window === 0)", "if (window >= 0)"),
  ),
  broken(
    "a retry takes the salt of another generation",
    "test/provider/RetrySalts.test.ts",
    "is given again to the end of its window",
    undefined,
    edit(
      SALTS,
      "saltOf(secret, rotation)).find(leadsTo)",
      "saltOf(secret, { ...rotation, generation: rotation.generation - 1 })).find(leadsTo)",
    ),
  ),
  broken(
    "all rotations of a period have one salt",
    "test/provider/RetrySalts.test.ts",
    "is derived as written",
    undefined,
    edit(SALTS, "`${grantId}\\0${generation}`", "`${grantId}`"),
  ),
  broken(
    "what is deleted stays in the file",
    "test/log/RetrySecretFile.test.ts",
    "no byte of it is in any file",
    undefined,
    edit("src/log/sql/SideFile.ts", "PRAGMA secure_delete = ON", "PRAGMA secure_delete = OFF"),
  ),
  broken(
    "what is repeated is not held against what was issued",
    "test/provider/RetrySalts.test.ts",
    "when the ring has another secret under the id",
    undefined,
    edit(
      "src/provider/TokenOperations.ts",
      'digestOf(deriveWith(salt)?.refresh ?? "") === digest',
      "deriveWith(salt) !== undefined",
    ),
  ),
]
