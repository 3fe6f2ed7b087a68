/** The log in PostgreSQL keeps what every log promises, alone or beside others on the same database. */
import { describe } from "vitest"
import { logSuite } from "../LogSuite.ts"
import { openEmpty, postgres } from "./Schemas.ts"

describe.runIf(postgres !== undefined)("a database", () => {
  logSuite("the log in PostgreSQL", openEmpty)
})
