/**
 * The two ceremonies of WebAuthn, judged by the library, which is loaded with the first passkey and never before.
 *
 * What an authenticator says of its maker (attestation) is not asked for, and is taken out before the library sees it:
 * its certificates are the visitor's words, and following them leads to addresses that the visitor names. Knows no store,
 * no person and no session; whatever is wrong with an answer, it proves nothing.
 */
import * as Result from "effect/Result"
import * as Schema from "effect/Schema"

/** Who asks, as browsers and authenticators know it (the relying party). */
export interface RelyingParty {
  /** A host name: the scope that passkeys are made for. */
  readonly id: string
  /** What people see. */
  readonly name: string
  /** Where pages are that may ask. */
  readonly origin: string
}

/** By what a passkey is found again. */
interface Descriptor {
  readonly id: string
  readonly transports: ReadonlyArray<string>
}

/** Somebody a passkey is made for; `handle` is what it says of them later, and no name. */
interface Owner {
  readonly handle: string
  readonly name: string
}

/** A passkey that was made. */
export interface MadePasskey {
  readonly credentialId: string
  readonly publicKey: string
  readonly signCount: number
  readonly transports: ReadonlyArray<string>
  readonly isSynced: boolean
}

/** What a proof says of the passkey that made it. */
export interface PasskeyProof {
  readonly signCount: number
  readonly isSynced: boolean
}

/** EdDSA, ES256 and RS256: what every Node that this runs on verifies, whichever of them made the options. */
const ALGORITHMS = [-8, -7, -257]

/** How long a browser lets somebody take; the challenge lives a little longer. */
const TIMEOUT_MILLIS = 300_000

const library = () => import("@simplewebauthn/server")
const helpers = () => import("@simplewebauthn/server/helpers")

const Base64Url = (maxCharacters: number) =>
  Schema.String.check(Schema.isPattern(/^[0-9A-Za-z_-]+$/), Schema.isMaxLength(maxCharacters))

/** A credential id has 1023 bytes at most (WebAuthn 5.8.3). */
const CredentialId = Base64Url(1364)
const Bytes = Base64Url(16_384)

const Assertion = Schema.fromJsonString(
  Schema.Struct({
    id: CredentialId,
    rawId: CredentialId,
    type: Schema.Literal("public-key"),
    response: Schema.Struct({
      clientDataJSON: Bytes,
      authenticatorData: Bytes,
      signature: Bytes,
      userHandle: Schema.optional(Schema.NullOr(Base64Url(88))),
    }),
  }),
)

const Transport = Schema.String.check(Schema.isPattern(/^[a-z-]{1,20}$/))

const Attestation = Schema.fromJsonString(
  Schema.Struct({
    id: CredentialId,
    rawId: CredentialId,
    type: Schema.Literal("public-key"),
    response: Schema.Struct({
      clientDataJSON: Bytes,
      attestationObject: Bytes,
      transports: Schema.optional(Schema.Array(Transport).check(Schema.isMaxLength(8))),
    }),
  }),
)

const readAssertion = Schema.decodeUnknownResult(Assertion)
const readAttestation = Schema.decodeUnknownResult(Attestation)

/** An answer of a browser to {@link askForPasskey}, as JSON; `undefined` where it is none. */
export const assertionIn = (text: string): typeof Assertion.Type | undefined =>
  Result.getOrUndefined(readAssertion(text))

/** The user handle of a person: base64url of what it says. */
export const userHandleOf = (handle: string): string => Buffer.from(handle, "utf8").toString("base64url")

/**
 * What a browser is asked for a proof, as JSON for `PublicKeyCredential.parseRequestOptionsFromJSON`. Without `allowed`
 * whoever has a passkey for this server is found by it, and proves to be its owner to the authenticator as well.
 */
export const askForPasskey = async (
  { id }: RelyingParty,
  challenge: string,
  allowed?: ReadonlyArray<Descriptor>,
): Promise<string> => {
  const { generateAuthenticationOptions } = await library()
  const options = await generateAuthenticationOptions({
    rpID: id,
    challenge: Uint8Array.from(Buffer.from(challenge, "base64url")),
    timeout: TIMEOUT_MILLIS,
    //= WEBAUTHN-14.6.2-no-enumeration
    userVerification: allowed === undefined ? "required" : "preferred",
    ...(allowed === undefined
      ? {}
      : { allowCredentials: allowed.map(({ id: one, transports }) => ({ id: one, transports: [...transports] })) }),
  })
  return JSON.stringify(options)
}

/** What a browser is asked so that it makes a passkey, likewise for `parseCreationOptionsFromJSON`. */
export const askForNewPasskey = async (
  { id, name }: RelyingParty,
  challenge: string,
  owner: Owner,
  present: ReadonlyArray<Descriptor>,
): Promise<string> => {
  const { generateRegistrationOptions } = await library()
  const options = await generateRegistrationOptions({
    rpID: id,
    rpName: name,
    challenge: Uint8Array.from(Buffer.from(challenge, "base64url")),
    timeout: TIMEOUT_MILLIS,
    userID: Uint8Array.from(Buffer.from(owner.handle, "utf8")),
    userName: owner.name,
    userDisplayName: owner.name,
    attestationType: "none",
    excludeCredentials: present.map(({ id: one, transports }) => ({ id: one, transports: [...transports] })),
    authenticatorSelection: { residentKey: "required", userVerification: "required" },
    supportedAlgorithmIDs: ALGORITHMS,
  })
  return JSON.stringify(options)
}

/** A page of another site has no business here, whether or not it says which it is. */
//= WEBAUTHN-7.2-origin
const isFramed = (clientDataJSON: string): boolean => {
  const { crossOrigin } = JSON.parse(Buffer.from(clientDataJSON, "base64url").toString("utf8")) as {
    readonly crossOrigin?: unknown
  }
  return crossOrigin !== undefined && crossOrigin !== false
}

/** What the browser's answer proves; `undefined` where it proves nothing. */
export const proofIn = async (
  { id, origin }: RelyingParty,
  challenge: string,
  assertion: typeof Assertion.Type,
  known: { readonly publicKey: string; readonly userHandle: string; readonly isFactorAlone: boolean },
): Promise<PasskeyProof | undefined> => {
  const { verifyAuthenticationResponse } = await library()
  const { response } = assertion
  //= WEBAUTHN-7.2-user-handle
  if ((response.userHandle ?? (known.isFactorAlone ? undefined : known.userHandle)) !== known.userHandle)
    return undefined
  try {
    if (isFramed(response.clientDataJSON)) return undefined
    const { clientDataJSON, authenticatorData, signature } = response
    //= WEBAUTHN-7.2-challenge
    //= WEBAUTHN-7.2-signature
    const { verified, authenticationInfo } = await verifyAuthenticationResponse({
      response: {
        id: assertion.id,
        rawId: assertion.rawId,
        type: "public-key",
        response: { clientDataJSON, authenticatorData, signature },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      //= WEBAUTHN-7.2-user-verified
      requireUserVerification: known.isFactorAlone,
      // How often it was used is compared in the transaction that believes it.
      credential: {
        id: assertion.id,
        publicKey: Uint8Array.from(Buffer.from(known.publicKey, "base64url")),
        counter: 0,
      },
    })
    if (!verified) return undefined
    const { newCounter, credentialDeviceType } = authenticationInfo
    return { signCount: newCounter, isSynced: credentialDeviceType === "multiDevice" }
  } catch {
    return undefined
  }
}

/** An attestation object without what it says of the authenticator's maker; throws where it is none. */
const withoutAttestation = (
  { decodeAttestationObject, isoCBOR }: Awaited<ReturnType<typeof helpers>>,
  attestationObject: string,
): string => {
  const authData = decodeAttestationObject(Uint8Array.from(Buffer.from(attestationObject, "base64url"))).get("authData")
  const bare = new Map<string, string | Uint8Array | Map<string, string>>([
    ["fmt", "none"],
    ["attStmt", new Map<string, string>()],
    ["authData", authData],
  ])
  return Buffer.from(isoCBOR.encode(bare)).toString("base64url")
}

/** The passkey that the browser's answer, as JSON, says was made; `undefined` where it does not prove that. */
export const madePasskeyIn = async (
  { id, origin }: RelyingParty,
  challenge: string,
  text: string,
): Promise<MadePasskey | undefined> => {
  const read = readAttestation(text)
  if (Result.isFailure(read)) return undefined
  const [{ verifyRegistrationResponse }, cbor] = [await library(), await helpers()]
  const { id: credentialId, rawId, response } = read.success
  try {
    if (isFramed(response.clientDataJSON)) return undefined
    //= WEBAUTHN-7.1-challenge
    const { verified, registrationInfo } = await verifyRegistrationResponse({
      response: {
        id: credentialId,
        rawId,
        type: "public-key",
        response: {
          clientDataJSON: response.clientDataJSON,
          attestationObject: withoutAttestation(cbor, response.attestationObject),
        },
        clientExtensionResults: {},
      },
      expectedChallenge: challenge,
      expectedOrigin: origin,
      expectedRPID: id,
      //= WEBAUTHN-7.1-user-verified
      requireUserVerification: true,
      supportedAlgorithmIDs: ALGORITHMS,
    })
    if (!verified || registrationInfo.credential.id !== credentialId) return undefined
    const { credential, credentialDeviceType } = registrationInfo
    return {
      credentialId,
      publicKey: Buffer.from(credential.publicKey).toString("base64url"),
      signCount: credential.counter,
      transports: [...new Set(response.transports ?? [])],
      isSynced: credentialDeviceType === "multiDevice",
    }
  } catch {
    return undefined
  }
}
