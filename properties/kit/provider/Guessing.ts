/**
 * Whether codes and tokens can be guessed: by whoever has seen others of them, knows the time and the client, and knows
 * what was handed out beside one.
 *
 * What nobody can foretell is counted in bits, place by place: a sound secret has more than a hundred, a counter, a time,
 * a few letters have far fewer than `ENOUGH_BITS`. What is known already counts for nothing; a signature does count, for
 * nobody foretells it, so that what is signed or sealed needs no other secret. It is given samples of one kind, and is
 * right about them whatever they are made of: no length or alphabet is asked for.
 */
import { hash } from "node:crypto"

export interface Sample {
  readonly text: string
  /** What others may know of it: ids, what was sent with the request, what was handed out before. */
  readonly known: ReadonlyArray<string>
}

/** When and for whom samples were made. */
export interface Circumstances {
  /** Milliseconds since the epoch; nothing where the provider goes by another clock. */
  readonly at: number | undefined
  readonly clientId: string
}

/** Between ten letters or a `Math.random`, and the sixteen digits of eight bytes. */
const ENOUGH_BITS = 62
/** Fewer samples say nothing: so many leave a sound secret of eight bytes looking like less in one of a billion checks. */
export const LEAST_SAMPLES = 20
/** So much in common is no chance. */
const COMMON_LENGTH = 8

/** RFC 7519: a header, claims, and a signature. */
export const isJwt = (text: string): boolean => /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(text)

const isPrintable = (text: string): boolean => /^[\x20-\x7e]+$/.test(text)

/** The text that a part is the base64url of. */
const textOf = (part: string): string | undefined => {
  const decoded = Buffer.from(part, "base64url").toString("latin1")
  return part.length >= COMMON_LENGTH && isPrintable(decoded) ? decoded : undefined
}

/**
 * Base64url of text is read as that text: its letters are what was written, not what they were turned into. Random
 * letters are that by chance here and there, and not in one place of all.
 */
const plainOf = (texts: ReadonlyArray<string>): ReadonlyArray<string> => {
  const rows = texts.map((text) => text.split("."))
  const read = rows.map((parts) => parts.map(textOf))
  const places = Math.max(...rows.map(({ length }) => length))
  const isText = Array.from({ length: places }, (_, place) =>
    read.every((texts) => !(place in texts) || texts[place] !== undefined),
  )
  return rows.map((parts, row) => parts.map((part, place) => (isText[place] ? read[row]![place]! : part)).join("."))
}

/** As it is, and as what it may be read as. */
const knownAs = (text: string): ReadonlyArray<string> => [text, ...plainOf([text])]

/** `text` with a blank for every letter that is part of something known. */
const withoutKnown = (text: string, known: ReadonlyArray<string>): string => {
  const isKnown = Array.from(text, () => false)
  const all = known.join("\n")
  for (let start = 0; start + COMMON_LENGTH <= text.length; start += 1) {
    const piece = text.slice(start, start + COMMON_LENGTH)
    if (all.includes(piece)) isKnown.fill(true, start, start + COMMON_LENGTH)
  }
  return Array.from(text, (letter, place) => (isKnown[place] ? " " : letter)).join("")
}

/** How many letters there are of the smallest usual alphabet that has these. */
const alphabetSizeOf = (letters: ReadonlySet<string>): number => {
  const all = [...letters].join("")
  if (/^\d*$/.test(all)) return 10
  if (/^([\da-f]*|[\dA-F]*)$/.test(all)) return 16
  return /^([\da-z]*|[\dA-Z]*)$/.test(all) ? 36 : 64
}

/** How many of `size` letters are seen in so many draws, where all are as likely. */
const expectedCount = (size: number, drawn: number): number => size * (1 - (1 - 1 / size) ** drawn)

/** Nearly all letters of an alphabet are as good as all of them: few samples do not show more. */
const NEARLY_ALL = 0.5

/** What one place holds that cannot be foretold. */
const bitsOf = (letters: ReadonlyArray<string>): number => {
  const counts = Map.groupBy(letters, (letter) => letter)
  const size = alphabetSizeOf(new Set(counts.keys()))
  if (counts.size >= NEARLY_ALL * expectedCount(size, letters.length)) return Math.log2(size)
  return [...counts.values()].reduce((bits, { length }) => {
    const share = length / letters.length
    return bits - share * Math.log2(share)
  }, 0)
}

const isAscending = (numbers: ReadonlyArray<string>): boolean =>
  numbers.every(
    (number, index) => /^\d+$/.test(number) && (index === 0 || BigInt(numbers[index - 1]!) <= BigInt(number)),
  )

/** A number that only goes up from each to the next is a counter, or the time. */
const bitsInField = (field: ReadonlyArray<string>): number => {
  if (isAscending(field)) return 0
  const length = Math.max(...field.map((text) => text.length))
  const places = Array.from({ length }, (_, place) => field.map((text) => text[place] ?? ""))
  return places.reduce((sum, letters) => sum + bitsOf(letters), 0)
}

/** What is written as several fields is looked at field by field, for they may be of different lengths. */
const bitsIn = (texts: ReadonlyArray<string>): number => {
  const rows = texts.map((text) => text.split(/[",:;=&|{}\s-]/))
  const isTable = rows.every(({ length }) => length === rows[0]!.length)
  if (!isTable) return bitsInField(texts)
  return rows[0]!.reduce((sum, _, place) => sum + bitsInField(rows.map((row) => row[place]!)), 0)
}

/** Counters up to here are tried. */
const COUNT = 2048
const BEGIN_LENGTH = 16
const algorithms = { md5: "MD5", sha1: "SHA-1", sha256: "SHA-256" } as const

/** What digests of `word` begin with, in the usual encodings, and what they are. */
const beginsOf = (word: string, meaning: string): ReadonlyArray<readonly [begin: string, what: string]> =>
  Object.entries(algorithms).flatMap(([algorithm, name]) => {
    const digest = hash(algorithm, word, "buffer")
    const what = `the ${name} digest of ${meaning}`
    return [
      [digest.toString("hex").slice(0, BEGIN_LENGTH), what],
      [digest.toString("base64url").slice(0, BEGIN_LENGTH), what],
    ] as const
  })

let counters: ReadonlyMap<string, string> | undefined
const digestsOfCounters = (): ReadonlyMap<string, string> =>
  (counters ??= new Map(
    Array.from({ length: COUNT }, (_, count) => beginsOf(String(count), "a number that is counted up")).flat(),
  ))

/** Words that digests are made of by who has no secret, and what they are. */
const wordsFor = ({ at, clientId }: Circumstances): ReadonlyArray<readonly [word: string, meaning: string]> => {
  const times = at === undefined ? [] : [String(at), String(Math.floor(at / 1000))]
  const withTime = ["", ":", "-", ".", "_"].flatMap((mark) => times.map((time) => `${clientId}${mark}${time}`))
  return [
    [clientId, "the client's id"],
    ...times.map((time) => [time, "the time"] as const),
    ...withTime.map((word) => [word, "the client's id and the time"] as const),
  ]
}

/** Of what a text is the digest, if it is that of something simple. */
const digestIn = ({ text, known }: Sample, circumstances: Circumstances): string | undefined => {
  const words = [
    ...wordsFor(circumstances),
    ...known.map((word) => [word, "what was sent or handed out before"] as const),
  ]
  const simple = new Map(words.flatMap(([word, meaning]) => beginsOf(word, meaning)))
  for (const letters of [text, text.replaceAll("-", "")]) {
    for (let start = 0; start + BEGIN_LENGTH <= letters.length; start += 1) {
      const begin = letters.slice(start, start + BEGIN_LENGTH)
      const what = simple.get(begin) ?? digestsOfCounters().get(begin)
      if (what !== undefined) return what
    }
  }
  return undefined
}

const lengthOf = (texts: ReadonlyArray<string>): string => {
  const lengths = texts.map((text) => text.length)
  const [least, most] = [Math.min(...lengths), Math.max(...lengths)]
  return least === most ? `${most}` : `${least} to ${most}`
}

/** Why one could guess what is handed out next, in words; `undefined` where one cannot, or where it cannot be told. */
export const guessable = (samples: ReadonlyArray<Sample>, circumstances: Circumstances): string | undefined => {
  if (samples.length < LEAST_SAMPLES) return undefined
  const texts = [...new Set(samples.map(({ text }) => text))]
  if (texts.length < samples.length) {
    // Two that say the same in the same second are the same JWT, and nobody else can sign one.
    return texts.every(isJwt) ? undefined : `of ${samples.length} only ${texts.length} are not the same as another`
  }
  const plain = plainOf(samples.map(({ text }) => text))
  const unknown = samples.map(({ known }, index) => withoutKnown(plain[index]!, known.flatMap(knownAs)))
  const bits = Math.floor(bitsIn(unknown))
  if (bits < ENOUGH_BITS) {
    return `of their ${lengthOf(texts)} characters, ${bits} bits are all that cannot be foretold from ${samples.length - 1} others`
  }
  const digests = samples.slice(-2).map((sample) => digestIn(sample, circumstances))
  return digests.every((one) => one !== undefined) ? `each is ${digests[0]}` : undefined
}
