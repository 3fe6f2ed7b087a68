/**
 * From a resource, such as the URL of an MCP server, to the server that protects it: it refuses who has no token, and says
 * in its metadata who gives them (RFC 9728).
 *
 * It asks without a token, so that nothing begins there. Another host than the resource's own is not asked on its word.
 */
import { CannotCheck } from "../judging/Obstacles.ts"
import { listMember, reasonOf, textMember } from "./Discovery.ts"
import type { Wire, WireRequest } from "./Wire.ts"

export interface ProtectedResource {
  /** Its URL, as it was given. */
  readonly url: string
  /** Its identifier, as it spells it. */
  readonly resource: string
  readonly issuer: string
  readonly scopes: ReadonlyArray<string>
  /** Whether it takes tokens with a proof of possession only (RFC 9449). */
  readonly isProofRequired: boolean
}

const asked = (method: WireRequest["method"], url: string): WireRequest => ({
  method,
  url,
  headers: { accept: "application/json, text/event-stream" },
  isBodyless: true,
  ...(method === "POST" ? { json: { jsonrpc: "2.0", id: 1, method: "ping" } } : {}),
})

/** RFC 9728 5.1: where a challenge says that the metadata is. */
const metadataUrlIn = (headers: Headers): string | undefined =>
  /\bresource_metadata="?([^",\s]+)/i.exec(headers.get("www-authenticate") ?? "")?.[1]

/** RFC 9728 3.1: inserted before the path, then at the root. */
const wellKnown = (url: string): ReadonlyArray<string> => {
  const { origin, pathname } = new URL(url)
  const path = pathname.replace(/\/$/, "")
  const at = `${origin}/.well-known/oauth-protected-resource`
  return [...new Set([`${at}${path}`, at])]
}

/** `undefined` where nothing is protected at `url`, or nothing says by whom. */
export const protectedResourceAt = async (wire: Wire, url: string): Promise<ProtectedResource | undefined> => {
  let challenge: Headers | undefined
  for (const method of ["GET", "POST"] as const) {
    const answer = await wire.send(asked(method, url)).catch((cause) => {
      throw new CannotCheck(`\`${url}\` cannot be reached: ${reasonOf(cause)}`)
    })
    if (answer.status !== 401) continue
    challenge = answer.headers
    break
  }
  if (challenge === undefined) return undefined
  const said = metadataUrlIn(challenge)
  for (const place of [...(said === undefined || !wire.isAllowed(said) ? [] : [said]), ...wellKnown(url)]) {
    const { status, body } = await wire.send({ method: "GET", url: place, headers: { accept: "application/json" } })
    const [issuer] = listMember(body, "authorization_servers")
    if (status !== 200 || issuer === undefined) continue
    if (!wire.isAllowed(issuer)) {
      throw new CannotCheck(
        `\`${url}\` is protected by \`${issuer}\`, which is on another host: check that one, with --resource-url ${url}`,
      )
    }
    return {
      url,
      resource: textMember(body, "resource") ?? url,
      issuer,
      scopes: listMember(body, "scopes_supported"),
      isProofRequired: body["dpop_bound_access_tokens_required"] === true,
    }
  }
  return undefined
}
