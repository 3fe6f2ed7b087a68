/**
 * Whether refreshing one grant costs more the older it gets: in process, so that nothing but the server is in the figure.
 *
 * By its 64th refresh a grant has as many live access tokens as one may have; each further one ends the oldest.
 */
import { hash } from "node:crypto"
import { mkdirSync } from "node:fs"
import { openServer } from "./Grantlog.ts"
import { cpuMicros } from "./Measure.ts"
import { grouped, micros, type Row } from "./Report.ts"
import { REDIRECT_URI, RESOURCE } from "./Target.ts"

const REFRESHES = 10_000
const SEEN = 500

/** CPU of a refresh at the end of many, in process, beside that of the first ones with as many live access tokens. */
export const measureAgeing = async (folder: string): Promise<Row> => {
  mkdirSync(folder)
  const { server, target } = await openServer(folder)
  const { clientId } = target("")
  const redirectUri = REDIRECT_URI
  const codeVerifier = "v".repeat(43)
  const codeChallenge = hash("sha256", codeVerifier, "base64url")
  try {
    const params = { redirectUri, redirectUriProvidedExplicitly: true, codeChallenge, resource: [RESOURCE] }
    const outcome = await server.authorize(clientId, params)
    if (outcome._tag !== "Approved") throw new Error(`not approved: ${outcome._tag}`)
    const credentials = { clientId }
    let { refresh_token } = await server.redeemCode({ credentials, code: outcome.code, codeVerifier, redirectUri })
    const refresh = async (count: number): Promise<number> => {
      const before = cpuMicros()
      for (let done = 0; done < count; done++) {
        ;({ refresh_token } = await server.refresh({ credentials, refreshToken: refresh_token! }))
      }
      return (cpuMicros() - before) / count
    }
    await refresh(SEEN)
    const first = await refresh(SEEN)
    await refresh(REFRESHES - 3 * SEEN)
    const last = await refresh(SEEN)
    return {
      name: `refresh, the last ${SEEN} of ${grouped(REFRESHES)} of one grant with 64 live access tokens`,
      ours: micros(last),
      other: `${micros(first)} for the second ${SEEN}`,
      ratio: last / first,
      aim: { atMost: 1.2 },
    }
  } finally {
    await server.close()
  }
}
