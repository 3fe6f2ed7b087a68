/** The arguments as they are parsed: a SHA-256 that begins with a dash, as one in 64 does, is no bundle of flags. */
const isDashedDigest = (argument: string): boolean => /^-[\w-]{42}$/.test(argument)

/** Such digests moved behind `--`, unless whoever called has put one there. */
export const withoutFalseFlags = (given: ReadonlyArray<string>): ReadonlyArray<string> => {
  const digests = given.filter(isDashedDigest)
  if (digests.length === 0 || given.includes("--")) return given
  return [...given.filter((argument) => !isDashedDigest(argument)), "--", ...digests]
}

/** What says where a store is, or belongs to it. */
const OF_A_STORE = ["--store", "--beside", "--keys-file", "--issuer", "--app-schemes", "--checkpoint-copy", "--archive"]

const isGiven = (given: ReadonlyArray<string>, flag: string): boolean => {
  const own = given.includes("--") ? given.slice(0, given.indexOf("--")) : given
  return own.some((argument) => argument === flag || argument.startsWith(`${flag}=`))
}

/** A flag of a store beside `--admin`, which names another one; `undefined` where there is none. */
export const twoPlaces = (given: ReadonlyArray<string>): string | undefined =>
  isGiven(given, "--admin") ? OF_A_STORE.find((flag) => isGiven(given, flag)) : undefined
