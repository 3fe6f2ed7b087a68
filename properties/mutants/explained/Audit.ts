/** Why mutants of Stryker in `src/audit` may live. */
import type { Explanation } from "../Explanation.ts"
import { archive } from "./audit/Archive.ts"
import { asOf } from "./audit/AsOf.ts"
import { explain } from "./audit/Explain.ts"
import { index } from "./audit/Index.ts"
import { proof } from "./audit/Proof.ts"

export const audit: ReadonlyArray<Explanation> = [...archive, ...asOf, ...explain, ...index, ...proof]
