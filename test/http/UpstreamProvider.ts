/** An OpenID provider that says of people whatever the test tells it to: subjects and names that no real one may give. */
import { createServer } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { SignJWT, exportJWK, generateKeyPair } from "jose"
import { onTestFinished } from "vitest"

const CLIENT_ID = "grantlog"

/** `path`: of its issuer identifier; others may share the host. */
export const startUpstream = async (path = "") => {
  const { privateKey, publicKey } = await generateKeyPair("ES256")
  const jwk = { ...(await exportJWK(publicKey)), kid: "one", alg: "ES256" }
  let claims: Readonly<Record<string, unknown>> = {}
  /** How often the token endpoint was asked. */
  let askedCount = 0
  let presented = new URLSearchParams()
  const answers: Readonly<Record<string, () => unknown>> = {
    "/.well-known/openid-configuration": () => ({
      issuer,
      authorization_endpoint: `${issuer}/authorize`,
      token_endpoint: `${issuer}/token`,
      jwks_uri: `${issuer}/jwks`,
      id_token_signing_alg_values_supported: ["ES256"],
    }),
    "/jwks": () => ({ keys: [jwk] }),
    "/token": async () => ({
      access_token: "upstream-token",
      token_type: "Bearer",
      id_token: await new SignJWT({ ...claims })
        .setProtectedHeader({ alg: "ES256", kid: "one" })
        .setIssuer(issuer)
        .setAudience(CLIENT_ID)
        .setIssuedAt(claims["iat"] as number | undefined)
        .setExpirationTime("1m")
        .sign(privateKey),
    }),
  }
  const http = createServer((request, response) => {
    void text(request)
      .then((body) => {
        if (request.method === "POST") askedCount++
        if (request.method === "POST") presented = new URLSearchParams(body)
        return answers[request.url!.slice(path.length)]?.()
      })
      .then((body) => response.writeHead(200, { "content-type": "application/json" }).end(JSON.stringify(body)))
  })
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  const { port } = http.address() as AddressInfo
  const issuer = `http://127.0.0.1:${port}${path}`

  /** Where the browser comes back to when it was sent to `asked`, and somebody is known there by `told`. */
  const answerTo = (asked: string, told: Readonly<Record<string, unknown>>): string => {
    const { searchParams } = new URL(asked)
    claims = { nonce: searchParams.get("nonce"), ...told }
    return `${searchParams.get("redirect_uri")}?code=any&state=${searchParams.get("state")}`
  }
  /** What the last code was redeemed with. */
  const redeemed = () => ({ verifier: presented.get("code_verifier") ?? "" })
  return { issuer, host: `127.0.0.1:${port}`, clientId: CLIENT_ID, answerTo, redeemed, askedCount: () => askedCount }
}
