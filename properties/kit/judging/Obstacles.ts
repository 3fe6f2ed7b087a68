/** What keeps a check, or a part of it, from being done: no fault of what is checked, and never a verdict on it. */

/** The check cannot be done; a sentence for who asked for it. */
export class CannotCheck extends Error {
  /** The name of the class. */
  override readonly name = "CannotCheck"
}

/** The situation cannot be brought about here; why, in a sentence. */
export class NotTried extends Error {
  override readonly name = "NotTried"
}
