/**
 * Looking for a metadata document in several places: the first that can be used counts, and what was wrong in the others
 * is kept, so that it can be told.
 *
 * A place that is wrong leads on to the next one. Whether what is found there may be followed is for the caller to
 * judge by the faults before it. A host that kept everybody waiting once is not asked again.
 */
import { DiscoveryError } from "../ClientError.ts"
import { fetchDocument, LATE, type Fault } from "./MetadataDocument.ts"
import type { Fetch } from "../Outbound.ts"
import { brief, named } from "../ForeignText.ts"
import { member, type Members } from "../LenientReading.ts"

export interface Lookup<A> {
  readonly found: A | undefined
  /** In the order of the places, up to the one where something was found. */
  readonly faults: ReadonlyArray<Fault>
}

/** Asks one place after the other; `read` throws a {@link DiscoveryError} for a document that is not to be used. */
export const lookUp = async <A>(
  fetch: Fetch,
  places: ReadonlyArray<string>,
  read: (document: Members, place: string) => A,
): Promise<Lookup<A>> => {
  const faults: Array<Fault> = []
  const late = new Set<string>()
  for (const place of new Set(places)) {
    const { origin } = new URL(place)
    if (late.has(origin)) {
      const what = "was not asked, for the host did not answer in time"
      faults.push({ place, what, code: "server_unavailable", kind: "broken" })
      continue
    }
    const finding = await fetchDocument(fetch, place)
    if ("document" in finding) {
      try {
        return { found: read(finding.document, place), faults }
      } catch (error) {
        if (!(error instanceof DiscoveryError)) throw error
        const { code, message: what } = error
        faults.push({ place, what, code, kind: "broken" })
      }
    } else {
      if (finding.what === LATE) late.add(origin)
      faults.push(finding)
    }
  }
  return { found: undefined, faults }
}

const MAX_WHAT_CHARACTERS = 300

/** Why nothing was found: each place with what was wrong there, under the code of the first that is more than a 404. */
export const nothingFound = (what: string, faults: ReadonlyArray<Fault>, advice?: string): DiscoveryError => {
  const worst = faults.find(({ kind }) => kind !== "absent")
  const code = worst?.code ?? "metadata_not_found"
  const places = faults.map((fault) => `${named(fault.place)} ${brief(fault.what, MAX_WHAT_CHARACTERS)}`)
  const usual = code === "server_unavailable" ? "try again later" : "ask whoever runs the server"
  const message = [what, places.join("; "), advice ?? usual].join(": ")
  return new DiscoveryError({ code, message, ...member("cause", worst?.cause) })
}
