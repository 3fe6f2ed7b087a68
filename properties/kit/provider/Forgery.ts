/**
 * What was never handed out as what it is shown for, and looks as if it had been: things of another kind, and what becomes
 * of a real one when somebody changes it.
 *
 * A change is one of what the letters stand for. That the same bytes can be written in several ways is no forgery: bits
 * that base64url does not use, and blanks that a decoder skips, prove nothing and are left alone.
 */
import { createHmac, generateKeyPairSync, hash, sign } from "node:crypto"

/** The latest of each kind that was handed out. */
export interface Handed {
  readonly access?: string | undefined
  readonly refresh?: string | undefined
  readonly code?: string | undefined
  readonly idToken?: string | undefined
}

type Texts = ReadonlyArray<string>

const ALPHABET = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"
const HEX = "0123456789abcdef"

/** What says what a token is for, and is no part of its secret. */
const prefixOf = (text: string): string => /^[a-z\d]{1,12}[_.:~](?=.{16})/i.exec(text)?.[0] ?? ""

const bodyOf = (text: string): string => text.slice(prefixOf(text).length)
const isHex = (text: string): boolean => /^[\da-f-]+$/i.test(text)

/** Another letter: of another value, also where base64url ends and uses only the first bits of its last letter. */
const otherLetter = (letter: string, isOfHex: boolean): string => {
  const place = isOfHex ? HEX.indexOf(letter.toLowerCase()) : ALPHABET.indexOf(letter)
  return isOfHex ? HEX[place ^ 1]! : ALPHABET[place ^ 32]!
}

/** How many letters are tried in one part. */
const PLACE_COUNT = 6

/** With one letter changed, at several places between two shares of the whole. */
const flipped = (text: string, from: number, to: number): Texts => {
  const body = bodyOf(text)
  const isOfHex = isHex(body)
  const start = text.length - body.length
  const places = Array.from(body)
    .flatMap((letter, place) =>
      (isOfHex ? HEX : ALPHABET).includes(isOfHex ? letter.toLowerCase() : letter) ? [place] : [],
    )
    .filter((place) => place >= Math.floor(from * body.length) && place < Math.ceil(to * body.length))
  const chosen = Array.from(
    { length: PLACE_COUNT },
    (_, index) => places[Math.round((index * (places.length - 1)) / (PLACE_COUNT - 1))],
  )
  return [...new Set(chosen)].flatMap((place) =>
    place === undefined
      ? []
      : [text.slice(0, start + place) + otherLetter(body[place]!, isOfHex) + text.slice(start + place + 1)],
  )
}

const otherCase = (text: string): string =>
  text.replaceAll(/[a-z]/gi, (letter) =>
    letter === letter.toLowerCase() ? letter.toUpperCase() : letter.toLowerCase(),
  )

/** The shorter one still stands for less: what is cut off is no padding. */
const cutShort = (text: string): Texts => {
  const bare = text.replace(/={1,2}$/, "")
  const parts = bare.split(".")
  const last = parts.at(-1)!
  const shorterLast =
    parts.length === 1 ? [] : [0, 6, Math.floor(last.length / 2)].map((length) => last.slice(0, length))
  return [
    bare.slice(0, -1),
    bare.slice(0, -4),
    bare.slice(0, Math.ceil(bare.length / 2)),
    bare.slice(1),
    ...shorterLast.map((end) => [...parts.slice(0, -1), end].join(".")),
    ...(parts.length === 1 ? [] : [parts.slice(0, -1).join(".")]),
  ]
}

type Members = Readonly<Record<string, unknown>>

const decoded = (part: string): string => Buffer.from(part, "base64url").toString("utf8")
const encoded = (text: string): string => Buffer.from(text).toString("base64url")

const membersIn = (text: string): Members | undefined => {
  if (!text.startsWith("{")) return undefined
  try {
    return JSON.parse(text) as Members
  } catch {
    return undefined
  }
}

const HOUR_SECONDS = 3600

const otherValue = (value: unknown): unknown => {
  if (typeof value === "number") return value + HOUR_SECONDS
  if (typeof value === "string") return `${value} admin`
  return Array.isArray(value) ? [...value, "admin"] : !value
}

/** Each with one member changed, or with the last of its numbers. */
const otherContents = (text: string): Texts => {
  const members = membersIn(text)
  if (members !== undefined) {
    return Object.entries(members).map(([name, value]) => JSON.stringify({ ...members, [name]: otherValue(value) }))
  }
  if (!/^[\x20-\x7e]{8,}$/.test(text)) return []
  const changed = text.replace(/\d+(?=\D*$)/, (digits) => String(BigInt(digits) + 1n).padStart(digits.length, "0"))
  return changed === text ? [] : [changed]
}

/** Contents that can be read, changed one by one; whatever else there is stays as it was. */
const rewritten = (text: string): Texts => {
  const start = prefixOf(text)
  return ["", start].flatMap((prefix) => {
    const parts = text.slice(prefix.length).split(".")
    return parts.flatMap((part, place) =>
      otherContents(decoded(part)).map((contents) => prefix + parts.with(place, encoded(contents)).join(".")),
    )
  })
}

/** The header and the claims of a JWT, as they are written. */
const jwtIn = (
  text: string,
): { readonly header: Members; readonly claims: string; readonly signature: string } | undefined => {
  const [head = "", claims = "", signature] = text.split(".")
  const header = membersIn(decoded(head))
  return header === undefined || signature === undefined || text.split(".").length !== 3
    ? undefined
    : { header, claims, signature }
}

const headed = (header: Members, claims: string): string => `${encoded(JSON.stringify(header))}.${claims}`

const unsigned = (text: string): Texts => {
  const jwt = jwtIn(text)
  if (jwt === undefined) return []
  const { header, claims, signature } = jwt
  return ["none", "None", "NONE", "nOnE"].flatMap((alg) => {
    const signed = headed({ ...header, alg }, claims)
    return [`${signed}.`, `${signed}.${signature}`]
  })
}

/** Signed, and said to be, by a key that anybody has: none, an empty one, or one that the token brings along. */
const selfSigned = (text: string): Texts => {
  const jwt = jwtIn(text)
  if (jwt === undefined) return []
  const { header, claims } = jwt
  const { publicKey, privateKey } = generateKeyPairSync("ec", { namedCurve: "P-256" })
  const own = headed({ ...header, alg: "ES256", jwk: publicKey.export({ format: "jwk" }) }, claims)
  const hashed = headed({ ...header, alg: "HS256" }, claims)
  return [
    `${own}.${sign("sha256", Buffer.from(own), { key: privateKey, dsaEncoding: "ieee-p1363" }).toString("base64url")}`,
    `${hashed}.${createHmac("sha256", "").update(hashed).digest("base64url")}`,
  ]
}

const digested = (text: string): Texts =>
  (["hex", "base64url", "base64"] as const).map((encoding) => hash("sha256", text, encoding))

/** What tables have under it that nobody put there, or what matches everything. */
const words: Texts = [
  "",
  " ",
  "undefined",
  "null",
  "constructor",
  "__proto__",
  "toString",
  "[object Object]",
  "*",
  "%",
  "_".repeat(8),
  "' OR '1'='1",
]

/** Under the prefix of `text`, what others have behind theirs. */
const underItsPrefix = (text: string, { access, refresh, code }: Handed): Texts => {
  const prefix = prefixOf(text)
  return [access, refresh, code].flatMap((other) =>
    other === undefined || prefixOf(other) === prefix ? [] : [prefix + bodyOf(other), bodyOf(other)],
  )
}

const given = (text: string | undefined): Texts => (text === undefined ? [] : [text])

/** By the words in which it is told: what is shown, made of the latest of its kind and of what else was handed out. */
export const forgeries = {
  "namely the latest access token": (_text, { access }) => given(access),
  "namely the latest refresh token": (_text, { refresh }) => given(refresh),
  "namely the latest code": (_text, { code }) => given(code),
  "namely an ID token": (_text, { idToken }) => given(idToken),
  "namely one of another kind under its prefix": underItsPrefix,
  "namely the latest one with a letter changed near its beginning": (text) => flipped(text, 0, 1 / 3),
  "namely the latest one with a letter changed in its middle": (text) => flipped(text, 1 / 3, 2 / 3),
  "namely the latest one with a letter changed near its end": (text) => flipped(text, 2 / 3, 1),
  "namely the latest one cut short": cutShort,
  "namely the latest one with more before or behind it": (text) => [`${text}AAAA`, `AAAA${text}`, text + text],
  // Digits of hexadecimal numbers are the same in either case.
  "namely the latest one in another case": (text) =>
    isHex(text) ? [] : [otherCase(text), text.toLowerCase(), text.toUpperCase()],
  "namely the latest one with blanks around it": (text) => [
    ` ${text}`,
    `${text} `,
    `\t${text}`,
    `${text}\n`,
    `${text}=`,
  ],
  "namely the latest one with other contents": rewritten,
  "namely the latest one without its signature": unsigned,
  "namely the latest one signed with a key that anybody has": selfSigned,
  "namely the digest of the latest one": digested,
  "namely a word that programs have a meaning for": () => words,
} as const satisfies Readonly<Record<string, (text: string, handed: Handed) => Texts>>

export type Forgery = keyof typeof forgeries

export const forgeryNames = Object.keys(forgeries) as ReadonlyArray<Forgery>

export const isForgery = (name: string | undefined): name is Forgery =>
  name !== undefined && Object.hasOwn(forgeries, name)

/** The same bytes in other letters: whoever takes these reads what letters stand for, and skips what stands for nothing. */
const respelled = (text: string): Texts => {
  const place = text.length - 5
  const last = ALPHABET.indexOf(text.at(-1)!)
  const hasUnusedBits = bodyOf(text).split(".").at(-1)!.length % 4 > 1
  return [
    ...(last >= 0 && hasUnusedBits ? [text.slice(0, -1) + ALPHABET[last ^ 1]!] : []),
    ...(isHex(text) ? [otherCase(text)] : []),
    ...[" ", "!"].map((mark) => text.slice(0, place) + mark + text.slice(place)),
  ]
}

/** Things to show, and things that prove nothing if one of them is taken as well. */
export interface Forged {
  readonly texts: Texts
  readonly spellings: Texts
}

/** What there is to show in the way of a forgery; `isReal` says of what was handed out as that. */
export const forged = (
  name: Forgery,
  text: string | undefined,
  handed: Handed,
  isReal: (text: string) => boolean,
): Forged => {
  const texts = text === undefined ? [] : [...new Set(forgeries[name](text, handed))].filter((one) => !isReal(one))
  const isOfSpelling = name === "namely the latest one with blanks around it"
  return { texts, spellings: isOfSpelling && text !== undefined ? respelled(text) : [] }
}
