/**
 * What the errors of a client, a resource server and the MCP adapters have in common: a tag that names the class, a code
 * that a program decides by, and a message for a person. Never thrown as such.
 */

/** What such an error is made of; a class may have further members. */
export interface ErrorParts<Code extends string = string> {
  /** What a program decides by. */
  readonly code: Code
  /** What a person reads: what is wrong, and what to do. */
  readonly message: string
  /** What was caught, where something was. */
  readonly cause?: unknown
}

export abstract class CodedError<Parts extends ErrorParts> extends Error {
  abstract get _tag(): string
  /** What a program decides by. */
  declare readonly code: Parts["code"]

  constructor({ message, ...parts }: Parts) {
    super(message, parts)
    Object.assign(this, parts)
  }

  /** The same as `_tag`. */
  override get name(): string {
    return this._tag
  }
}
