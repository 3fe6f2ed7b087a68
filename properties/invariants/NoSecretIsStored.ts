/**
 * Whoever reads the store learns no token, code, secret or verifier: it has digests, and keys are kept elsewhere. With the
 * keys and a token that was once handed out, the store leads to no other.
 */
import type { Invariant, StoreContents } from "./Invariant.ts"

/** A secret as it is, and as it looks in the usual encodings. */
const formsOf = (secret: string): ReadonlyArray<string> => {
  const bytes = Buffer.from(secret)
  return [secret, bytes.toString("base64url"), bytes.toString("base64").replace(/=+$/, ""), bytes.toString("hex")]
}

const placesOf = ({ entries, rows, others }: StoreContents): ReadonlyArray<readonly [place: string, text: string]> => [
  ...entries.map(({ position, text }) => [`entry ${position} of the log`, text] as const),
  ...rows.map((text) => ["a row", text] as const),
  ...others.map((text) => ["what is kept beside the log", text] as const),
]

const PIECE = 8
const LONGEST_STRIDE = 24

/**
 * Whether `text` has one of `forms` in it. The pieces that each of them begins with are known by where they are in it, so
 * that a text is looked at once in a stride, and many forms cost no more.
 */
const finder = (forms: ReadonlyArray<string>): ((text: string) => boolean) => {
  const shortest = Math.min(...forms.map((form) => form.length))
  const length = Math.min(PIECE, shortest)
  const stride = Math.min(LONGEST_STRIDE, shortest - length + 1)
  const offsets = Array.from({ length: stride }, (_, offset) => offset)
  const pieces = forms.flatMap((form) => offsets.map((offset) => [form, offset] as const))
  const byPiece = Map.groupBy(pieces, ([form, offset]) => form.slice(offset, offset + length))
  return (text) => {
    for (let index = 0; index + length <= text.length; index += stride) {
      const possible = byPiece.get(text.slice(index, index + length))
      if (possible?.some(([form, offset]) => text.startsWith(form, index - offset))) return true
    }
    return false
  }
}

export const NoSecretIsStored: Invariant = {
  name: "NoSecretIsStored",
  sentence:
    "No token, code, secret or password is in log, projection or whatever else a store holds, nor does it lead from one token to the next.",
  requirements: [],
  attacks: ["A44"],
  situation: "a code, a token or a client secret is handed out",
  isAtStake: (_before, { reply }) => reply._tag === "Code" || reply._tag === "Tokens" || reply._tag === "Stored",
  onStore: (contents) => {
    const { secrets, successorsOf = () => [] } = contents
    const isLeaky = finder(secrets.flatMap(formsOf))
    const found = placesOf(contents).find(([, text]) => isLeaky(text))
    if (found !== undefined) return `${found[0]} has a secret in it: ${found[1].slice(0, 200)}`
    const leading = secrets.find((secret) => successorsOf(secret).length > 0)
    return leading && `the store and the keys lead from \`${leading}\` to ${successorsOf(leading).join(", ")}`
  },
}
