/** Mutants of the log, its rows and the commands around them: what must be noticed below the contract. */
import type { Edit, Mutant } from "./Mutant.ts"

const edit = (file: string, find: string, replace: string): Edit => ({ file, find, replace })

const LOG = "src/log"

export const storeMutants: ReadonlyArray<Mutant> = []
