/**
 * How a provider writes down what a code or token stands for, and reads it again: opaque, signed, sealed; soundly, and with
 * the faults that each of these invites. It knows nothing of the kit.
 */
import {
  createCipheriv,
  createDecipheriv,
  createHmac,
  generateKeyPairSync,
  hash,
  randomBytes,
  randomUUID,
  sign,
  timingSafeEqual,
  verify,
} from "node:crypto"

export type Kind = "code" | "access" | "refresh"

/** What a code or token stands for. Times are seconds since the epoch. */
export interface Content {
  readonly kind: Kind
  readonly grant: number
  readonly generation: number
  readonly scopes: ReadonlyArray<string>
  readonly resource: ReadonlyArray<string>
  readonly clientId: string
  readonly iat: number
  readonly exp: number
}

export interface Mint {
  readonly write: (content: Content) => string
  /** What `text` stands for when it is shown for a `kind`; nothing where it does not. */
  readonly read: (kind: Kind, text: string) => Content | undefined
}

export type MakeMint = () => Mint

/** Random letters, and a table of what they stand for. */
export const opaque =
  (
    random: (content: Content) => string,
    lookUp: (table: ReadonlyMap<string, Content>, text: string) => Content | undefined = (table, text) =>
      table.get(text),
  ): MakeMint =>
  () => {
    const table = new Map<string, Content>()
    return {
      write: (content) => {
        const text = random(content)
        table.set(text, content)
        return text
      },
      read: (kind, text) => {
        const content = lookUp(table, text)
        return content?.kind === kind ? content : undefined
      },
    }
  }

const letters = (): string => randomBytes(32).toString("base64url")
const short: Readonly<Record<Kind, string>> = { code: "c", access: "a", refresh: "r" }

/** What is read, if it is of the kind that it is shown for. */
const ofKind = (kind: Kind, content: Content | undefined) => (content?.kind === kind ? content : undefined)
const ofAnyKind = (_: Kind, content: Content | undefined) => content

const parsed = (text: string): Content | undefined => {
  try {
    return JSON.parse(text) as Content
  } catch {
    return undefined
  }
}

/** AES-256-GCM: nonce, contents and tag in one piece. */
export const sealed =
  ({ judge = ofKind, isAuthentic = true, prefix = "", tagLength = 16 } = {}): MakeMint =>
  () => {
    const key = randomBytes(32)
    return {
      write: (content) => {
        const nonce = randomBytes(12)
        const cipher = createCipheriv(
          isAuthentic ? "aes-256-gcm" : "aes-256-ctr",
          key,
          isAuthentic ? nonce : Buffer.concat([nonce, Buffer.alloc(4)]),
        )
        const padded = `${JSON.stringify(content)}${" ".repeat(content.generation % 3)}`
        const bytes = [nonce, cipher.update(padded), cipher.final()]
        const tag = isAuthentic
          ? [(cipher as ReturnType<typeof createCipheriv> & { getAuthTag: () => Buffer }).getAuthTag()]
          : []
        return prefix + Buffer.concat([...bytes, ...tag]).toString("base64url")
      },
      read: (kind, text) => {
        if (!text.startsWith(prefix)) return undefined
        const bytes = Buffer.from(text.slice(prefix.length), "base64url")
        if (bytes.length < 12 + tagLength) return undefined
        try {
          if (!isAuthentic) {
            const decipher = createDecipheriv(
              "aes-256-ctr",
              key,
              Buffer.concat([bytes.subarray(0, 12), Buffer.alloc(4)]),
            )
            return judge(kind, parsed(decipher.update(bytes.subarray(12)).toString()))
          }
          const decipher = createDecipheriv("aes-256-gcm", key, bytes.subarray(0, 12))
          decipher.setAuthTag(bytes.subarray(-tagLength))
          return judge(
            kind,
            parsed(decipher.update(bytes.subarray(12, -tagLength)).toString() + decipher.final().toString()),
          )
        } catch {
          return undefined
        }
      },
    }
  }

const encoded = (value: object): string => Buffer.from(JSON.stringify(value)).toString("base64url")
const decoded = (text: string) => parsed(Buffer.from(text, "base64url").toString())

type Header = { readonly alg: string; readonly typ: string }
const typeOf = (kind: Kind): string => (kind === "access" ? "at+jwt" : `${kind}+jwt`)

interface Signing {
  readonly isSigned?: (header: Header, signed: string, signature: string, right: (signed: string) => Buffer) => boolean
  readonly isTyped?: (header: Header, kind: Kind) => boolean
}

const isSame = (left: Buffer, right: Buffer): boolean => left.length === right.length && timingSafeEqual(left, right)

/** RFC 9068 in its form, HMAC or a signature by it. */
export const jwt =
  ({
    isSigned = (_header, signed, signature, right) => isSame(Buffer.from(signature, "base64url"), right(signed)),
    isTyped = ({ typ }, kind) => typ === typeOf(kind),
  }: Signing = {}): MakeMint =>
  () => {
    const key = randomBytes(32)
    const right = (text: string) => createHmac("sha256", key).update(text).digest()
    return {
      write: (content) => {
        const signed = `${encoded({ alg: "HS256", typ: typeOf(content.kind) })}.${encoded({ ...content, jti: randomUUID() })}`
        return `${signed}.${right(signed).toString("base64url")}`
      },
      read: (kind, text) => {
        const [head = "", claims = "", signature, ...more] = text.split(".")
        const header = decoded(head) as Header | undefined
        if (header === undefined || signature === undefined || more.length > 0) return undefined
        if (!isSigned(header, `${head}.${claims}`, signature, right) || !isTyped(header, kind)) return undefined
        return decoded(claims)
      },
    }
  }

/** ES256, by the key that it has. */
const es256: MakeMint = () => {
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  return {
    write: (content) => {
      const signed = `${encoded({ alg: "ES256", typ: typeOf(content.kind) })}.${encoded(content)}`
      const signature = sign("sha256", Buffer.from(signed), { key: privateKey, dsaEncoding: "ieee-p1363" })
      return `${signed}.${signature.toString("base64url")}`
    },
    read: (kind, text) => {
      const [head = "", claims = "", signature = ""] = text.split(".")
      const header = decoded(head) as Header | undefined
      const bytes = Buffer.from(signature, "base64url")
      const isRight = verify(
        "sha256",
        Buffer.from(`${head}.${claims}`),
        { key: publicKey, dsaEncoding: "ieee-p1363" },
        bytes,
      )
      return isRight && header?.typ === typeOf(kind) ? decoded(claims) : undefined
    },
  }
}

/** Contents in clear, and an HMAC over them. */
const signedText = (isRight: (shown: string, right: string) => boolean): MakeMint => {
  const key = randomBytes(32)
  const hmac = (text: string) => createHmac("sha256", key).update(text).digest("base64url")
  return () => ({
    write: (content) => `${encoded(content)}.${hmac(encoded(content))}`,
    read: (kind, text) => {
      const [payload = "", signature = ""] = text.split(".")
      return isRight(signature, hmac(payload)) ? ofKind(kind, decoded(payload)) : undefined
    },
  })
}

export const soundMints: Readonly<Record<string, MakeMint>> = {
  "random letters": opaque(letters),
  UUIDs: opaque(() => randomUUID()),
  "eight random bytes, in digits of sixteen": opaque(() => randomBytes(8).toString("hex")),
  "letters behind a version and a kind": opaque(({ kind }) => `v1_${short[kind]}_${letters()}`),
  "the number of the grant before the letters": opaque(({ grant }) => `${grant}.${letters()}`),
  "digits of sixteen, read in either case": opaque(
    () => randomBytes(16).toString("hex"),
    (table, text) => table.get(text.toLowerCase()),
  ),
  "bytes, however they are spelled": opaque(letters, (table, text) =>
    table.get(Buffer.from(text, "base64url").toString("base64url")),
  ),
  "sealed contents": sealed(),
  "sealed contents behind a version": sealed({ prefix: "v1." }),
  "JWTs with an HMAC": jwt(),
  "JWTs with a signature": es256,
  "contents with an HMAC": signedText((shown, right) => shown === right),
}

/** Letters that are not as random as they look. */
const mathRandom = (): string => Array.from({ length: 32 }, () => Math.floor(Math.random() * 16).toString(16)).join("")

const counted =
  (write: (count: number, content: Content) => string): MakeMint =>
  () => {
    let count = 0
    return opaque((content) => write((count += 1), content))()
  }

/** The same letters for a code and what it gives, but for what they are for. */
const derived: MakeMint = () => {
  const table = new Map<string, Content>()
  const bodies = new Map<string, string>()
  return {
    write: (content) => {
      const own = `${content.grant} ${content.generation}`
      const body = bodies.get(own) ?? bodies.set(own, letters()).get(own)!
      table.set(`${content.kind}_${body}`, content)
      return `${content.kind}_${body}`
    },
    read: (kind, text) => ofKind(kind, table.get(text)),
  }
}

/** Those whose secrets can be guessed, one for each thing that may be known; `Guessing.test.ts` has those of one kind. */
export const guessable: Readonly<Record<string, MakeMint>> = {
  "a counter": counted((count) => `token-${count}`),
  "the digest of client and time and a counter": counted(
    (count, { clientId, iat }) => `${hash("md5", `${clientId}${iat}`)}${count}`,
  ),
  "six random bytes": opaque(() => randomBytes(6).toString("hex")),
  "sixteen digits of Math.random, thirty-two times": opaque(mathRandom),
  "the time and Math.random": counted((count, { iat }) => `${iat}${count}${mathRandom()}`),
  "the letters of the code, and of the refresh token, for the access token": derived,
}

const lookedUp = (find: (table: ReadonlyMap<string, Content>, text: string) => Content | undefined, write = letters) =>
  opaque(write, find)

/** Those that take what was never handed out. */
export const forgeable: Readonly<Record<string, readonly [mint: MakeMint, broken: string]>> = {
  "sealed contents of any kind": [sealed({ judge: ofAnyKind }), "ConsentComesFirst"],
  "access tokens that are refresh tokens too": [
    sealed({
      judge: (kind, content) => (content?.kind === kind || content?.kind !== "code" ? content : undefined),
    }),
    "ConsentComesFirst",
  ],
  "codes that are refresh tokens too": [
    sealed({
      judge: (kind, content) =>
        content?.kind === kind || (kind === "refresh" && content?.kind === "code") ? content : undefined,
    }),
    "ConsentComesFirst OnlyTheOwnerCanHarm",
  ],
  "encrypted contents without a tag": [sealed({ isAuthentic: false, tagLength: 0 }), "ConsentComesFirst"],
  "JWTs whose signature nobody looks at": [jwt({ isSigned: () => true }), "ConsentComesFirst"],
  "JWTs that may be unsigned": [
    jwt({
      isSigned: ({ alg }, signed, signature, right) =>
        alg.toLowerCase() === "none" || isSame(Buffer.from(signature, "base64url"), right(signed)),
    }),
    "ConsentComesFirst",
  ],
  "JWTs whose signature may be empty": [
    jwt({
      isSigned: (_, signed, signature, right) =>
        signature === "" || isSame(Buffer.from(signature, "base64url"), right(signed)),
    }),
    "ConsentComesFirst",
  ],
  "JWTs whose signature may be cut short": [
    jwt({
      isSigned: (_, signed, signature, right) =>
        signature !== "" && right(signed).toString("base64url").startsWith(signature),
    }),
    "ConsentComesFirst",
  ],
  "JWTs of whatever type": [jwt({ isTyped: () => true }), "ConsentComesFirst"],
  "letters in any case": [
    lookedUp((table, text) => {
      const known = [...table.keys()].find((one) => one.toLowerCase() === text.toLowerCase())
      return known === undefined ? undefined : table.get(known)
    }),
    "ConsentComesFirst",
  ],
  "letters with blanks around them": [lookedUp((table, text) => table.get(text.trim())), "ConsentComesFirst"],
  "the beginning of the letters": [
    lookedUp((table, text) => {
      const known = text.length < 16 ? undefined : [...table.keys()].find((one) => one.startsWith(text))
      return known === undefined ? undefined : table.get(known)
    }),
    "ConsentComesFirst",
  ],
  "the first half of the letters": [
    lookedUp((table, text) => {
      const known = [...table.keys()].find((one) => one.slice(0, 21) === text.slice(0, 21))
      return known === undefined ? undefined : table.get(known)
    }),
    "ConsentComesFirst",
  ],
  "their digests as well": [
    lookedUp(
      (table, text) =>
        table.get(text) ??
        [...table].find(([one]) => hash("sha256", one) === text || hash("sha256", one, "base64url") === text)?.[1],
    ),
    "ConsentComesFirst",
  ],
  "a kind that stands in the prefix alone": [
    () => {
      const table = new Map<string, Content>()
      return {
        write: (content) => {
          const body = letters()
          table.set(body, content)
          return `${short[content.kind]}t_${body}`
        },
        read: (kind, text) => (text.startsWith(`${short[kind]}t_`) ? table.get(text.slice(3)) : undefined),
      }
    },
    "ConsentComesFirst",
  ],
  "contents in clear, and nothing else": [
    () => ({ write: (content) => encoded(content), read: (kind, text) => ofKind(kind, decoded(text)) }),
    "ConsentComesFirst NothingCanBeGuessed",
  ],
}
