/**
 * An authenticator in software, and the browser in front of it (WebAuthn): makes passkeys and proofs, right or wrong in one
 * respect. Written by the specification, with nothing of the library that judges them.
 */
import { createHash, generateKeyPairSync, randomBytes, sign, type KeyObject } from "node:crypto"

type Cbor = number | string | Uint8Array | ReadonlyMap<number | string, Cbor>

const head = (major: number, size: number): Buffer => {
  if (size < 24) return Buffer.from([(major << 5) | size])
  return size < 256 ? Buffer.from([(major << 5) | 24, size]) : Buffer.from([(major << 5) | 25, size >> 8, size & 0xff])
}

/** As much of RFC 8949 as is needed here. */
export const cbor = (value: Cbor): Buffer => {
  if (typeof value === "number") return value < 0 ? head(1, -1 - value) : head(0, value)
  if (typeof value === "string") return Buffer.concat([head(3, Buffer.byteLength(value)), Buffer.from(value)])
  if (value instanceof Uint8Array) return Buffer.concat([head(2, value.length), value])
  return Buffer.concat([head(5, value.size), ...[...value].flatMap(([key, one]) => [cbor(key), cbor(one)])])
}

const sha256 = (data: string | Uint8Array): Buffer => createHash("sha256").update(data).digest()
const base64url = (data: string | Uint8Array): string => Buffer.from(data).toString("base64url")

/** What is different from what it should be; everything is right by default. */
export interface Wrong {
  readonly origin?: string
  readonly rpId?: string
  readonly type?: string
  readonly challenge?: string
  readonly crossOrigin?: boolean
  readonly isPresent?: boolean
  readonly isVerified?: boolean
  /** What the authenticator says of whose it is; `null` where it says nothing. */
  readonly userHandle?: string | null
  readonly credentialId?: string
  readonly signCount?: number
  /** Signs with another key. */
  readonly isForged?: boolean
  /** An attestation statement of that format, with those members. */
  readonly attestation?: readonly [format: string, statement: ReadonlyMap<string, Cbor>]
}

interface Credential {
  readonly id: string
  readonly rpId: string
  readonly userHandle: string
  readonly privateKey: KeyObject
  signCount: number
}

export interface AuthenticatorOptions {
  /** Whether its passkeys may be on several devices; default false. */
  readonly isSynced?: boolean
  /** Whether it counts their uses; default true. */
  readonly counts?: boolean
}

/** The page's options as the browser reads them. */
const optionsIn = (options: string) =>
  JSON.parse(options) as {
    readonly challenge: string
    readonly rp?: { readonly id: string }
    readonly rpId?: string
    readonly user?: { readonly id: string }
    readonly userVerification?: string
    readonly allowCredentials?: ReadonlyArray<{ readonly id: string }>
  }

/** An authenticator with the passkeys that were made by it, in a browser at `origin`. */
export const newAuthenticator = (origin: string, { isSynced = false, counts = true }: AuthenticatorOptions = {}) => {
  const credentials: Array<Credential> = []

  const clientData = (type: string, challenge: string, wrong: Wrong): Buffer =>
    Buffer.from(
      JSON.stringify({
        type: wrong.type ?? type,
        challenge: wrong.challenge ?? challenge,
        origin: wrong.origin ?? origin,
        crossOrigin: wrong.crossOrigin ?? false,
      }),
    )
  const authenticatorData = (rpId: string, signCount: number, wrong: Wrong, attested?: Uint8Array): Buffer => {
    const { isPresent = true, isVerified = true } = wrong
    const flags =
      (isPresent ? 1 : 0) | (isVerified ? 4 : 0) | (isSynced ? 0x18 : 0) | (attested === undefined ? 0 : 0x40)
    const count = Buffer.alloc(4)
    count.writeUInt32BE(wrong.signCount ?? signCount)
    return Buffer.concat([sha256(wrong.rpId ?? rpId), Buffer.from([flags]), count, attested ?? Buffer.alloc(0)])
  }

  return {
    credentials,
    /** Makes a passkey as the options of a page ask for; what the page posts. */
    create: (options: string, wrong: Wrong = {}): string => {
      const { challenge, rp, user } = optionsIn(options)
      const { privateKey, publicKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
      const { x, y } = publicKey.export({ format: "jwk" })
      const key = cbor(
        new Map<number, Cbor>([
          [1, 2],
          [3, -7],
          [-1, 1],
          [-2, Buffer.from(x!, "base64url")],
          [-3, Buffer.from(y!, "base64url")],
        ]),
      )
      const id = wrong.credentialId ?? base64url(randomBytes(32))
      const idBytes = Buffer.from(id, "base64url")
      const attested = Buffer.concat([
        Buffer.alloc(16),
        Buffer.from([idBytes.length >> 8, idBytes.length]),
        idBytes,
        key,
      ])
      const [format, statement] = wrong.attestation ?? ["none", new Map<string, Cbor>()]
      const attestationObject = cbor(
        new Map<string, Cbor>([
          ["fmt", format],
          ["attStmt", statement],
          ["authData", authenticatorData(rp!.id, 0, wrong, attested)],
        ]),
      )
      credentials.push({ id, rpId: rp!.id, userHandle: user!.id, privateKey, signCount: 0 })
      return JSON.stringify({
        id,
        rawId: id,
        type: "public-key",
        authenticatorAttachment: "platform",
        response: {
          clientDataJSON: base64url(clientData("webauthn.create", challenge, wrong)),
          attestationObject: base64url(attestationObject),
          transports: ["internal"],
        },
        clientExtensionResults: {},
      })
    },
    /** Proves a passkey, one that is allowed, or the newest where any is; what the page posts. */
    get: (options: string, wrong: Wrong = {}): string => {
      const { challenge, rpId, allowCredentials } = optionsIn(options)
      const allowed = allowCredentials?.map(({ id }) => id)
      const credential = credentials.findLast(({ id }) => allowed === undefined || allowed.includes(id))
      if (credential === undefined) throw new Error("there is no passkey that is asked for")
      if (counts) credential.signCount++
      const data = authenticatorData(rpId!, credential.signCount, wrong)
      const json = clientData("webauthn.get", challenge, wrong)
      const key =
        wrong.isForged === true ? generateKeyPairSync("ec", { namedCurve: "P-256" }).privateKey : credential.privateKey
      const id = wrong.credentialId ?? credential.id
      const userHandle = wrong.userHandle === undefined ? credential.userHandle : wrong.userHandle
      return JSON.stringify({
        id,
        rawId: id,
        type: "public-key",
        response: {
          clientDataJSON: base64url(json),
          authenticatorData: base64url(data),
          signature: base64url(sign("sha256", Buffer.concat([data, sha256(json)]), key)),
          ...(userHandle === null ? {} : { userHandle }),
        },
        clientExtensionResults: {},
      })
    },
  }
}

export type Authenticator = ReturnType<typeof newAuthenticator>
