/** A server of the FAPI 2.0 profile and a client that keeps to it, whose steps can each be taken wrongly; judges nothing. */
import { fapi2Features, type Fapi2Options, type Feature } from "../../src/provider/index.ts"
import { assertionForm, assertionOf, newSigningKey, type Signed, type SigningKey } from "./Assertions.ts"
import { signedBy } from "./ClientSigning.ts"
import { newDpopKey } from "./DpopKey.ts"
import { ISSUER, overMemory, type TestServer } from "./TestServer.ts"
import {
  REDIRECT_URI,
  RESOURCE,
  challengeOf,
  formOf,
  newVerifier,
  wireClient,
  type Answer,
  type WireClient,
} from "./WireClient.ts"

export type Said = Readonly<Record<string, string | undefined>>

export interface Bank extends TestServer {
  readonly wire: WireClient
  readonly clientId: string
  readonly key: SigningKey
  readonly metadata: Readonly<Record<string, unknown>>
}

export const proofKey = await newDpopKey()
export const verifier = newVerifier()

export const startBank = async (
  options: Fapi2Options = {},
  alg = "ES256",
  member: object = {},
  more: ReadonlyArray<Feature> = [],
): Promise<Bank> => {
  const server = await overMemory.start({ features: [...fapi2Features(options), ...more] })
  const wire = wireClient(server.url, {}, server.visit)
  const key = await newSigningKey(alg, "1")
  const { body } = await wire.register({
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: "private_key_jwt",
    grant_types: ["authorization_code", "refresh_token"],
    jwks: { keys: [key.jwk] },
    ...member,
  })
  const metadata = (await wire.get("/.well-known/oauth-authorization-server")).body
  return { ...server, wire, clientId: body.client_id!, key, metadata }
}

export const proven = async ({ clientId, key, clock }: Bank, over: Partial<Signed> = {}) =>
  assertionForm(await assertionOf({ clientId, key, now: clock.now(), ...over }))

export const usual = {
  response_type: "code",
  redirect_uri: REDIRECT_URI,
  code_challenge: challengeOf(verifier),
  code_challenge_method: "S256",
  resource: RESOURCE,
  state: "s",
}

export const push = async (bank: Bank, over: Said = {}, signing: Partial<Signed> = {}) =>
  bank.wire.post("/par", { client_id: bank.clientId, ...usual, ...(await proven(bank, signing)), ...over })

export const open = async (bank: Bank, { body }: Answer): Promise<URL> => {
  const path = `/authorize?${formOf({ client_id: bank.clientId, request_uri: String(body["request_uri"]) })}`
  const answer = await (bank.visit ?? bank.wire.get)(path)
  return new URL(answer.headers.get("location") ?? "about:blank")
}

export const dpopHeader = async ({ clock }: Bank, by = proofKey) => ({
  dpop: await by.proof("POST", `${ISSUER}/token`, { now: clock.now() }),
})

export const redeem = async (bank: Bank, location: URL, over: Said = {}, headers?: Readonly<Record<string, string>>) =>
  bank.wire.post(
    "/token",
    {
      grant_type: "authorization_code",
      code: location.searchParams.get("code") ?? "",
      code_verifier: verifier,
      redirect_uri: REDIRECT_URI,
      client_id: bank.clientId,
      ...(await proven(bank)),
      ...over,
    },
    headers ?? (await dpopHeader(bank)),
  )

export const told = ({ status, body }: Answer) => [status, body.error]

/** A request object of the client, as message signing wants it, but for what is said otherwise. */
export const requestObject = async (
  bank: Bank,
  over: Readonly<Record<string, unknown>> = {},
  key: Pick<SigningKey, "privateKey" | "alg"> = bank.key,
): Promise<string> => {
  const now = Math.floor(bank.clock.now() / 1000)
  const claims = { iss: bank.clientId, aud: ISSUER, client_id: bank.clientId, nbf: now, exp: now + 300 }
  return signedBy(key, { ...claims, ...usual, response_mode: "jwt", ...over })
}

export const pushSigned = async (bank: Bank, over: Readonly<Record<string, unknown>> = {}, request?: string) =>
  bank.wire.post("/par", {
    client_id: bank.clientId,
    request: request ?? (await requestObject(bank, over)),
    ...(await proven(bank)),
  })

/** A second client of the same server, with a key of its own. */
export const secondClient = async (bank: Bank): Promise<Bank> => {
  const key = await newSigningKey("ES256", "2")
  const { body } = await bank.wire.register({
    redirect_uris: [REDIRECT_URI],
    token_endpoint_auth_method: "private_key_jwt",
    grant_types: ["authorization_code", "refresh_token"],
    jwks: { keys: [key.jwk] },
  })
  return { ...bank, clientId: body.client_id!, key }
}
