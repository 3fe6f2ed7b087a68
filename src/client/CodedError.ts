/**
 * What the errors of the client have in common: a tag that names the class, a code that a program decides by, and a
 * message for a person. Never thrown as such.
 */
export interface ErrorParts<Code extends string = string> {
  readonly code: Code
  readonly message: string
  readonly cause?: unknown
}

export abstract class CodedError<Parts extends ErrorParts> extends Error {
  abstract get _tag(): string
  declare readonly code: Parts["code"]

  constructor({ message, ...parts }: Parts) {
    super(message, parts)
    Object.assign(this, parts)
  }

  override get name(): string {
    return this._tag
  }
}
