/** An identity provider of somebody else's: it signs what it is told, with a key of its own, and publishes that key. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { SignJWT, exportJWK, generateKeyPair, type JSONWebKeySet, type JWTPayload } from "jose"
import { onTestFinished } from "vitest"

export interface IdentityProvider {
  readonly issuer: string
  readonly jwks: JSONWebKeySet
  /** Signs these claims; a header of its own beside `alg` and `kid`. */
  readonly sign: (claims: JWTPayload, header?: { readonly typ?: string; readonly kid?: string }) => Promise<string>
}

const ALGORITHM = "ES256"

export const identityProvider = async (issuer = "https://idp.example"): Promise<IdentityProvider> => {
  const { publicKey, privateKey } = await generateKeyPair(ALGORITHM)
  const key = { ...(await exportJWK(publicKey)), kid: "first", alg: ALGORITHM, use: "sig" }
  return {
    issuer,
    jwks: { keys: [key] },
    sign: (claims, { typ, kid = "first" } = {}) =>
      new SignJWT({ iss: issuer, ...claims })
        .setProtectedHeader({ alg: ALGORITHM, kid, ...(typ === undefined ? {} : { typ }) })
        .sign(privateKey),
  }
}

/** Serves documents by path on this machine for as long as the test runs; gives the address, and what was asked. */
export const documents = async (
  of: (path: string) => unknown,
): Promise<{ readonly url: string; readonly asked: ReadonlyArray<string> }> => {
  const asked: Array<string> = []
  const server = createServer(({ url = "/" }, response) => {
    asked.push(url)
    const document = of(url)
    response.writeHead(document === undefined ? 404 : 200, { "content-type": "application/json" })
    response.end(JSON.stringify(document ?? {}))
  })
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => new Promise<void>((resolve) => void server.close(() => resolve())))
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, asked }
}
