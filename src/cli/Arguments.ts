/** The arguments as they are parsed: a SHA-256 that begins with a dash, as one in 64 does, is no bundle of flags. */
const isDashedDigest = (argument: string): boolean => /^-[\w-]{42}$/.test(argument)

/** Such digests moved behind `--`, unless whoever called has put one there. */
export const withoutFalseFlags = (given: ReadonlyArray<string>): ReadonlyArray<string> => {
  const digests = given.filter(isDashedDigest)
  if (digests.length === 0 || given.includes("--")) return given
  return [...given.filter((argument) => !isDashedDigest(argument)), "--", ...digests]
}
