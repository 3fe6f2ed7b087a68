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

const LONGEST_PREFIX = 16

/** Whether `text` has one of `forms` in it: looks up the beginning of each at every place, so that many cost no more. */
const finder = (forms: ReadonlyArray<string>): ((text: string) => boolean) => {
  const length = Math.min(LONGEST_PREFIX, ...forms.map((form) => form.length))
  const byPrefix = Map.groupBy(forms, (form) => form.slice(0, length))
  return (text) => {
    for (let index = 0; index + length <= text.length; index++) {
      const found = byPrefix.get(text.slice(index, index + length))
      if (found?.some((form) => text.startsWith(form, index))) return true
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
