/** Mutants of the salts: kept too long or not at all, of the wrong rotation, or to be had from the log again. */
import { against, memory, noticed } from "./Engines.ts"
import { edit, type Mutant } from "./Mutant.ts"

const SALTS = "src/provider/RetrySalts.ts"
const SECRETS = "src/log/RetrySecrets.ts"
const DRILL = "test/provider/RetrySalts.test.ts"

export const saltMutants: ReadonlyArray<Mutant> = [
  noticed(
    "salts",
    DRILL,
    "gets none from an idle server either",
    "salts are kept after their window",
    edit(SECRETS, "const due = first.filter((row) => isDue(row, now))", "const due: ReadonlyArray<Row> = []"),
    edit(SECRETS, ", ...due.map((one) => ({ before: one }))", ""),
  ),
  noticed(
    "salts",
    DRILL,
    "gets none from an idle server either",
    "salts are destroyed only when another is made",
    edit(SALTS, "      Effect.tap(() => watch),\n", ""),
  ),
  noticed(
    "salts",
    "test/log/RetrySecretFile.test.ts",
    "no byte of it is in any file",
    "the secrets that were deleted stay in the file",
    edit("src/log/sql/SideFile.ts", "PRAGMA secure_delete = ON", "PRAGMA secure_delete = OFF"),
  ),
  against([memory], undefined, "salts", "salts are not written", edit(SALTS, "if (window === 0)", "if (window >= 0)")),
  against(
    [memory],
    undefined,
    "salts",
    "a retry takes the salt of another generation",
    edit(
      SALTS,
      "saltOf(secret, rotation)).find(leadsTo)",
      "saltOf(secret, { ...rotation, generation: rotation.generation - 1 })).find(leadsTo)",
    ),
  ),
  against(
    [memory],
    undefined,
    "salts",
    "a salt is made of what the log holds",
    edit(
      SALTS,
      `createHmac("sha256", Buffer.from(secret, "base64url"))
    .update(\`\${grantId}\\0\${generation}\`)
    .digest()
    .subarray(0, SALT_BYTES)`,
      `secret === "" ? new Uint8Array(generation) : Buffer.from(grantId, "base64url").subarray(0, SALT_BYTES)`,
    ),
    edit(SALTS, `import { createHmac } from "node:crypto"\n`, ""),
  ),
  noticed(
    "salts",
    DRILL,
    "when the ring has another secret under the id",
    "what is repeated is not held against what was issued",
    edit(
      "src/provider/TokenOperations.ts",
      'digestOf(deriveWith(salt)?.refresh ?? "") === digest',
      "deriveWith(salt) !== undefined",
    ),
  ),
]
