/** What the operator is told where nobody said how: a warning of the process, each sentence once. */

/** Sentences name settings, not tokens, so that there are few; more than these would be noise. */
const MAX_SENTENCES = 100

export const warnOnce = (): ((sentence: string) => void) => {
  const told = new Set<string>()
  return (sentence) => {
    if (told.has(sentence) || told.size >= MAX_SENTENCES) return
    told.add(sentence)
    process.emitWarning(sentence, "TokenVerificationWarning")
  }
}
