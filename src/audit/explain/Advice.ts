/** What to do next, and how to prove what was said: commands for the reader to check before running them. */
import type { Advice, ArchivedGrant, Command, Explained } from "./Explanation.ts"

/** An id quoted for a shell. A client id may hold any printable character. */
export const quoted = (id: string): string =>
  /^[\w.:/@%+=,-]+$/.test(id) ? id : `'${id.replaceAll("'", String.raw`'\''`)}'`

const command = (words: ReadonlyArray<string>, purpose: string): Command => ({
  command: ["grantlog", ...words].join(" "),
  purpose,
})

const nextFor = (one: Omit<Explained, keyof Advice>): ReadonlyArray<Command> => {
  const { standing, kind, id, grantId, clientId, subjectId, descendants, siblings, grants } = one
  const theft = [standing.cause, ...standing.others].find((cause) => cause?.isTheft)
  const isAnythingAlive = standing.status === "alive" || descendants.length + siblings.length + grants.length > 0
  const commands: Array<Command> = []
  if (grantId !== null && isAnythingAlive) {
    commands.push(
      command(["blast-radius", quoted(grantId)], "everything of this grant that is alive"),
      command(["grant", "revoke", quoted(grantId)], "end all of it, at once"),
    )
  }
  if (theft !== undefined && clientId !== null) {
    commands.push(
      command(
        ["blast-radius", quoted(clientId)],
        "what else its client holds: whoever copied this may have copied more",
      ),
    )
    const proof = one.chain.find(({ type }) => type === "RefreshTokenReused" || type === "AuthorizationCodeReplayed")
    if (proof !== undefined) {
      commands.push(command(["history", "--correlation", quoted(proof.correlationId)], "the request that proved it"))
    }
  }
  if (standing.status === "suspended" && clientId !== null) {
    commands.push(command(["client", "enable", quoted(clientId)], "resume it, if the client is to be trusted again"))
  }
  if (kind === "client" || kind === "subject") {
    if (isAnythingAlive) commands.push(command(["blast-radius", quoted(id)], "everything of it that is alive"))
    commands.push(command(["history", `--${kind}=${quoted(id)}`], "everything that happened to it"))
  } else if (grantId !== null) {
    commands.push(command(["history", "--grant", quoted(grantId)], "everything that happened to its grant"))
  }
  if (subjectId !== null && kind !== "subject" && theft !== undefined) {
    commands.push(command(["explain", quoted(subjectId)], "whose it was, and what else of theirs is alive"))
  }
  const isSealed = [...one.chain, ...one.ancestry, ...one.presentations].some(
    ({ isRequestOriginSealed, requestOrigin }) => isRequestOriginSealed && requestOrigin === undefined,
  )
  if (isSealed) {
    commands.push(
      command(["explain", quoted(id), "--request-origin"], "from which address it was asked for: personal data"),
    )
  }
  return commands
}

export const adviceFor = (one: Omit<Explained, keyof Advice>): Advice => {
  const { kind, id, chain, ancestry } = one
  const isToken = kind === "code" || kind === "access token" || kind === "refresh token"
  const first = ancestry[0]
  const issue = isToken
    ? [command(["prove", quoted(id)], "that it was issued here, to somebody who has only the verifier key")]
    : first === undefined
      ? []
      : [command(["prove", String(first.position)], "how it began")]
  const end = chain.at(-1)
  return {
    next: nextFor(one),
    proof: [...issue, ...(end === undefined ? [] : [command(["prove", String(end.position)], "how it ended")])],
  }
}

/** What can be said of a JWT that names a token of ours and cannot be it. */
export const forgedAdvice = (digest: string, sentence: string): Advice & { readonly sentence: string } => ({
  sentence: `never issued here as it is, though it names a token that was: ${sentence}`,
  next: [command(["explain", quoted(digest)], "the token that it names")],
  proof: [],
})

/** What can be said of what is in an archive. */
export const archivedAdvice = ({ grantId, archive, file, entryCount }: ArchivedGrant) => ({
  sentence: `grant ${grantId} has ended, and its ${entryCount} entries are in archive ${archive}, made as ${file}: name that file with --archive`,
  next: [command(["explain", quoted(grantId), "--archive", quoted(file)], "what happened to it, from the archive")],
  proof: [],
})

/** What can be said of something unknown. If the index is behind, it may turn up later. */
export const unknownAdvice = (
  namedGrant: string | undefined,
  isBehind: boolean,
): Advice & { readonly sentence: string } => {
  if (namedGrant === undefined) {
    const sentence = isBehind
      ? "nothing of that name or digest is known so far: the index has not come to the end of the log, ask again when it has"
      : "nothing of that name or digest was ever issued or registered here"
    return { sentence, next: [], proof: [] }
  }
  return {
    sentence: `never issued here, though it names the grant ${namedGrant}, which is real: made up, altered or cut off`,
    next: [command(["explain", quoted(namedGrant)], "the grant that it names")],
    proof: [],
  }
}
