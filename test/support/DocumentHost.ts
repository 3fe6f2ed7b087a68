/** A web server on this machine for documents that clients publish: what it answers is up to the test, and it counts. */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { onTestFinished } from "vitest"
import { REDIRECT_URI } from "./WireClient.ts"

export interface DocumentHost {
  readonly origin: string
  /** The address of a document, and by that the id of its client. */
  readonly at: (path?: string) => string
  /** Publishes a document at a path; by default that of a public client that may redeem and refresh. Gives its address. */
  readonly publish: (members?: Readonly<Record<string, unknown>>, path?: string) => string
  /** Answers at a path in any other way. */
  readonly answer: (answer: (response: ServerResponse) => void, path?: string) => string
  /** Headers of every document. */
  readonly headers: Record<string, string>
  /** The paths that were asked for, in order. */
  readonly asked: ReadonlyArray<string>
}

const PATH = "/client.json"

export const documentHost = async (): Promise<DocumentHost> => {
  const asked: Array<string> = []
  const headers: Record<string, string> = { "content-type": "application/json" }
  const answers = new Map<string, (response: ServerResponse) => void>()
  const http = createServer((request, response) => {
    asked.push(request.url!)
    const answer = answers.get(request.url!)
    if (answer === undefined) response.writeHead(404).end()
    else answer(response)
  })
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(async () => {
    http.closeAllConnections()
    await new Promise((resolve) => http.close(resolve))
  })
  const origin = `http://127.0.0.1:${(http.address() as AddressInfo).port}`
  const answer: DocumentHost["answer"] = (one, path = PATH) => {
    answers.set(path, one)
    return origin + path
  }
  return {
    origin,
    at: (path = PATH) => origin + path,
    publish: (members = {}, path = PATH) =>
      answer((response) => {
        const document = {
          client_id: origin + path,
          client_name: "Notes",
          redirect_uris: [REDIRECT_URI],
          token_endpoint_auth_method: "none",
          grant_types: ["authorization_code", "refresh_token"],
          ...members,
        }
        response.writeHead(200, headers).end(JSON.stringify(document))
      }, path),
    answer,
    headers,
    asked,
  }
}
