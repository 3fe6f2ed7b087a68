/**
 * Forgets somebody beside whoever serves the file, and is killed right after one of the steps.
 *
 *     node test/live/support/forgetting.ts FILE SUBJECT STEP
 *
 * Ends by SIGKILL, or with 0 where there is no such step.
 */
import { Effect } from "effect"
import type { SubjectId } from "../../../src/core/index.ts"
import {
  forgetLedger,
  liveRandomness,
  makeServer,
  openSubjectKeys,
  readKeyFile,
  sqliteStore,
} from "../../../src/provider/index.ts"
import type { Step } from "./Steps.ts"

const [file = "", subjectId = "", last = ""] = process.argv.slice(2)

const dieAfter = (step: Step): void => {
  if (step === last) process.kill(process.pid, "SIGKILL")
}

const diesAfter = <A, E>(step: Step, effect: Effect.Effect<A, E>): Effect.Effect<A, E> =>
  Effect.tap(effect, () => Effect.sync(() => dieAfter(step)))

const store = sqliteStore(file)
const keys = readKeyFile(`${file}.keys.json`)
const subjectKeys = await Effect.runPromise(openSubjectKeys(`${file}.subject-keys`, keys, liveRandomness))
const ledger = forgetLedger([`${file}.forgotten`])
const { state } = await Effect.runPromise(store.rows.issuer())
if (state._tag !== "Initialized") throw new Error("nobody has served this file yet")

const server = await Effect.runPromise(
  makeServer({
    keys,
    config: { issuer: state.issuer },
    store: {
      ...store,
      append: (append) => diesAfter("recorded", store.append(append)),
      side: {
        ...store.side,
        removeAccounts: (subject) => diesAfter("removed", store.side.removeAccounts(subject)),
        endSessions: (subject) => diesAfter("signed out", store.side.endSessions(subject)),
      },
      scrub: diesAfter("scrubbed", store.scrub),
    },
    subjectKeys: { ...subjectKeys, forget: (subject) => diesAfter("destroyed", subjectKeys.forget(subject)) },
    forgetLedger: {
      ...ledger,
      intend: (subject, at) => diesAfter("noted", ledger.intend(subject, at)),
      finish: (subject, at) => diesAfter("finished", ledger.finish(subject, at)),
    },
  }),
)
await Effect.runPromise(server.forgetSubject(subjectId as SubjectId))
