/**
 * What is answered without a token: the metadata document, preflights, and everything else below `/.well-known/`.
 *
 * Browsers send no token with a preflight, and clients look for documents below `/.well-known/` before they have one: a
 * challenge would tell them something untrue. Nothing of this reaches the host's handler, which counts on an access,
 * except where the host lists it in `handsOn`.
 */
import { metadataReply } from "./Metadata.ts"
import type { ResourceOptions } from "./Options.ts"
import type { ProofSettings } from "./ProofOptions.ts"
import type { PlainReply } from "./ResourceError.ts"

const PREFLIGHT = "OPTIONS"
const WELL_KNOWN = "/.well-known/"

/** A bearer's token is never sent by itself, so that any page may ask; reading the handler's own answers is up to it. */
const preflight: PlainReply = {
  status: 204,
  headers: {
    "access-control-allow-origin": "*",
    "access-control-allow-methods": "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS",
    // The star stands for every header but the first.
    "access-control-allow-headers":
      "Authorization, Content-Type, MCP-Protocol-Version, Mcp-Session-Id, Last-Event-ID, *",
    "access-control-max-age": "86400",
  },
  body: "",
}

const notFound: PlainReply = {
  status: 404,
  headers: { "access-control-allow-origin": "*", "content-type": "application/json", "cache-control": "no-store" },
  body: JSON.stringify({ error: "not_found" }),
}

/** The answer to a request that no token decides about, and whether the host gives one of its own. */
export interface OpenAnswer {
  readonly reply: PlainReply
  readonly isHandedOn: boolean
}

/** `undefined` where the token decides; `target` is a path with its query. */
export const openRequests = (
  options: ResourceOptions,
  proofs?: ProofSettings,
): ((method: string, target: string) => OpenAnswer | undefined) => {
  const documentFor = metadataReply(options, proofs)
  const listed: ReadonlySet<string> = new Set(options.handsOn)
  return (method, target) => {
    const document = documentFor(method, target)
    if (document !== undefined) return { reply: document, isHandedOn: false }
    const path = target.split("?")[0]!
    if (method === PREFLIGHT) return { reply: preflight, isHandedOn: listed.has(PREFLIGHT) || listed.has(path) }
    return path.startsWith(WELL_KNOWN) ? { reply: notFound, isHandedOn: listed.has(path) } : undefined
  }
}
