/**
 * A program that tells clients of sign-outs over a file that others serve, wherever on this machine they are.
 *
 *     node test/live/support/telling.ts FILE ISSUER MILLIS ADDRESS
 *
 * Its clock stands at that moment; each client is told at the address. Ends when it is killed.
 */
import { Clock, Effect } from "effect"
import {
  liveRandomness,
  makeServer,
  openId,
  openSigningKeys,
  readKeyFile,
  sqliteStore,
  standardFeatures,
  tellLogouts,
} from "../../../src/provider/index.ts"
import { manualClock } from "../../support/ManualClock.ts"

const [file = "", issuer = "", millis = "", address = ""] = process.argv.slice(2)
const store = sqliteStore(file)
const { clock, randomness } = manualClock(Number(millis))
const server = await Effect.runPromise(
  Effect.provideService(
    makeServer({
      store,
      randomness,
      keys: readKeyFile(`${file}.keys.json`),
      config: { issuer },
      features: [...standardFeatures, openId({ algorithms: ["ES256"] })],
      signingKeys: (ring) => openSigningKeys(`${file}.signing-keys`, ring, liveRandomness),
      onNotice: () => {},
    }),
    Clock.Clock,
    clock,
  ),
)
await Effect.runPromise(tellLogouts(server, store, { fetch: (_, init) => fetch(address, init) }))
