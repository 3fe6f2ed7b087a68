/** A client with a key of its own, which signs what it asks for. */
import { SignJWT, exportJWK, generateKeyPair, type CryptoKey } from "jose"
import type { WireClient, App } from "./WireClient.ts"

export interface SigningClient extends App {
  readonly privateKey: CryptoKey
  readonly alg: string
}

/** A public client that registered its key by value. */
export const newSigningClient = async (
  wire: Pick<WireClient, "newApp">,
  metadata: Readonly<Record<string, unknown>> = {},
  alg = "ES256",
): Promise<SigningClient> => {
  const { privateKey, publicKey } = await generateKeyPair(alg, { extractable: true })
  const key = { ...(await exportJWK(publicKey)), kid: "1", alg, use: "sig" }
  const app = await wire.newApp({ jwks: { keys: [key] }, ...metadata })
  return { ...app, privateKey, alg }
}

/** A JWT by the client, of any type and with any claims. */
export const signedBy = (
  { privateKey, alg }: Pick<SigningClient, "privateKey" | "alg">,
  claims: Readonly<Record<string, unknown>>,
  typ: string | undefined = "oauth-authz-req+jwt",
): Promise<string> =>
  new SignJWT({ ...claims })
    .setProtectedHeader({ alg, kid: "1", ...(typ === undefined ? {} : { typ }) })
    .sign(privateKey)
