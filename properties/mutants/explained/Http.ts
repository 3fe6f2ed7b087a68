/** Why mutants of Stryker in `src/http` may live. */
import type { Explanation } from "../Explanation.ts"
import { adapters } from "./http/Adapters.ts"
import { endpoints } from "./http/Endpoints.ts"
import { login } from "./http/Login.ts"
import { pages } from "./http/Pages.ts"
import { requests } from "./http/Requests.ts"

export const http: ReadonlyArray<Explanation> = [...adapters, ...endpoints, ...login, ...pages, ...requests]
