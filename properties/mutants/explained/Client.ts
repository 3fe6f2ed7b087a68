/** Why mutants of Stryker in `src/client` may live. */
import type { Explanation } from "../Explanation.ts"
import { answers } from "./client/Answers.ts"
import { login } from "./client/Login.ts"
import { storage } from "./client/Storage.ts"

export const client: ReadonlyArray<Explanation> = [...answers, ...login, ...storage]
