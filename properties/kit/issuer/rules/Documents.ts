/**
 * Rules of client id metadata documents, for servers that say that they read them: whose document it is, and what of an
 * answer is none.
 *
 * The documents are published on this machine for as long as a rule is tried, so that a server elsewhere, or one that reads
 * nothing on its own machine, is not tried. Nobody approves anything: a request that can be gone on with is answered by a
 * page, or by a redirect, and one that cannot by neither.
 */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { isLoopbackHost } from "../../../../src/protocol/index.ts"
import { NotTried } from "../../judging/Obstacles.ts"
import type { Walk } from "../Browser.ts"
import type { Issuer } from "../Issuer.ts"
import { REDIRECT_URI, type WireClient } from "../Registration.ts"
import { scopesOf } from "./Session.ts"
import type { Finding, Rule } from "./Rule.ts"

/** More than any client has to say of itself, and than the draft has a server read (-02: 8.7). */
const LARGE_CHARACTERS = 400_000

type Answer = (response: ServerResponse, clientId: string) => void

const json = (response: ServerResponse, document: object, status = 200): void =>
  void response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(document))

const documentOf = (clientId: string) => ({
  client_id: clientId,
  client_name: "grantlog check",
  redirect_uris: [REDIRECT_URI],
  token_endpoint_auth_method: "none",
  grant_types: ["authorization_code", "refresh_token"],
  response_types: ["code"],
})

const right: Answer = (response, clientId) => json(response, documentOf(clientId))

/** Publishes one answer, asks for a login of the client that it is of, and tells where that led. */
const asked = async (issuer: Issuer, answer: Answer): Promise<Walk> => {
  const http = createServer((request, response) => {
    const clientId = `http://127.0.0.1:${port()}/client.json`
    if (request.url === "/client.json") answer(response, clientId)
    else if (request.url === "/elsewhere.json") right(response, clientId)
    else response.writeHead(404).end()
  })
  const port = () => (http.address() as AddressInfo).port
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  try {
    const client: WireClient = {
      clientId: `http://127.0.0.1:${port()}/client.json`,
      secret: undefined,
      method: "none",
      redirectUri: REDIRECT_URI,
    }
    return await issuer.logins.probe({ client, scopes: scopesOf(issuer) })
  } finally {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  }
}

/** Whether the server goes on with it: a page that is no refusal, a code, or somewhere to sign in. */
const isGoneOnWith = (walk: Walk): boolean => {
  if (walk._tag === "Page") return walk.status < 400
  return walk._tag === "Away" || !new URL(walk.location).searchParams.has("error")
}

const tell = (walk: Walk): string => {
  if (walk._tag === "Page") return `a page with status ${walk.status}`
  if (walk._tag === "Away") return "a redirect to elsewhere"
  const { searchParams } = new URL(walk.location)
  return searchParams.has("code") ? "a code" : `an error for the client: ${searchParams.get("error")}`
}

/** The server reads documents that lie here, or the rule cannot be tried. */
const requireDocuments = async (issuer: Issuer): Promise<void> => {
  const { metadata, url } = issuer
  if (metadata.members["client_id_metadata_document_supported"] !== true) {
    throw new NotTried("the metadata does not say that clients are known by their documents")
  }
  if (!isLoopbackHost(new URL(url).hostname)) throw new NotTried("documents are published on this machine alone")
  const walk = await asked(issuer, right)
  if (!isGoneOnWith(walk)) throw new NotTried(`a document on this machine is not read: ${tell(walk)}`)
}

const refused = async (issuer: Issuer, text: string, answer: Answer): Promise<Finding> => {
  const walk = await asked(issuer, answer)
  return { text, expected: "a refusal", observed: tell(walk), isKept: !isGoneOnWith(walk) }
}

const rule = (id: Rule["id"], ...wrong: ReadonlyArray<readonly [text: string, answer: Answer]>): Rule => ({
  id,
  check: async (issuer) => {
    await requireDocuments(issuer)
    const findings: Array<Finding> = []
    for (const [text, answer] of wrong) findings.push(await refused(issuer, text, answer))
    return findings
  },
})

export const documentRules: ReadonlyArray<Rule> = [
  rule(
    "CIMD-4-no-redirects-200-only",
    [
      "the address of a document leads to another one",
      (response) => void response.writeHead(302, { location: "/elsewhere.json" }).end(),
    ],
    ["a document comes with status 404", (response, clientId) => json(response, documentOf(clientId), 404)],
  ),
  rule("CIMD-4.1-client-id-equals-url", [
    "a document says that it is of another client",
    (response, clientId) => json(response, documentOf(`${clientId}?other`)),
  ]),
  rule("CIMD-4.1-no-shared-secret", [
    "a document has its client show a secret",
    (response, clientId) =>
      json(response, { ...documentOf(clientId), token_endpoint_auth_method: "client_secret_basic" }),
  ]),
  rule("CIMD-6.6-size-limit", [
    "a document is much too large",
    (response, clientId) => json(response, { ...documentOf(clientId), client_name: "x".repeat(LARGE_CHARACTERS) }),
  ]),
]
