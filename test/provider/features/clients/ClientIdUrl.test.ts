/** Which client ids are addresses of documents, judged as they are written. */
import { expect, it } from "vitest"
import { clientIdUrlFault } from "../../../../src/provider/features/clients/ClientIdUrl.ts"

//= CIMD-3-url-form
it.each([
  "https://app.example/client.json",
  "https://app.example/",
  "https://app.example:8443/a/b",
  "https://app.example:443/client",
  "https://app.example/client?version=2",
  "https://APP.example/..client/client..json/.well-known/x",
])("%s is one", (clientId) => {
  expect(clientIdUrlFault(clientId, false)).toBeUndefined()
})

it.each([
  ["http://app.example/client", "is not https"],
  ["http://localhost/client", "is not https"],
  ["HTTPS://app.example/client", "is not a URL"],
  ["https:app.example/client", "is not a URL"],
  ["https:///client", "is not a URL"],
  ["https://app.example\\client", "is not a URL"],
  ["https://app.example/a b", "is not a URL"],
  ["https://app.example:99999/client", "is not a URL"],
  ["https://app.example", "has no path"],
  ["https://app.example?a=/b", "has no path"],
  ["https://app.example#/b", "has no path"],
  ["https://app.example/client#", "has a fragment"],
  ["https://app.example/client?a#b", "has a fragment"],
  ["https://user@app.example/client", "has user information"],
  ["https://:@app.example/client", "has user information"],
  ["https://@app.example/client", "has user information"],
  ["https://app.example/./client", "has dot segments in its path"],
  ["https://app.example/a/../client", "has dot segments in its path"],
  ["https://app.example/a/..", "has dot segments in its path"],
  ["https://app.example/a/.?b", "has dot segments in its path"],
  ["https://app.example/%2e%2E/client", "has dot segments in its path"],
  ["https://app.example/.%2e/client", "has dot segments in its path"],
])("%s is none: it %s", (clientId, fault) => {
  expect(clientIdUrlFault(clientId, false)).toBe(fault)
})

it("for development it may be at http on this machine, and there alone", () => {
  for (const host of ["localhost", "127.0.0.1:8080", "[::1]"]) {
    expect(clientIdUrlFault(`http://${host}/client`, true)).toBeUndefined()
  }
  for (const host of ["app.example", "127.0.0.2", "any.localhost", "localhost.example"]) {
    expect(clientIdUrlFault(`http://${host}/client`, true)).toBe("is not https")
  }
})
