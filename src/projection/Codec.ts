/** States as the text of a row, and back: through the schemas of the core, so that a row edited by hand is found out. */
import { Schema } from "effect"
import { AccessToken, Client, Grant, Issuer, Subject } from "../core/index.ts"
import { StoreFault } from "../log/index.ts"

const codecOf = <S extends Schema.ConstraintCodec<unknown, unknown>>(schema: S) => {
  const json = Schema.fromJsonString(schema)
  const decode = Schema.decodeUnknownSync(json)
  return {
    /** Throws a {@link StoreFault} `corrupt` on what was not encoded here. */
    decode: (text: unknown): S["Type"] => {
      try {
        return decode(text)
      } catch (cause) {
        throw new StoreFault({ reason: "corrupt", message: "a row is damaged: run grantlog rebuild", cause })
      }
    },
    encode: Schema.encodeSync(json),
  }
}

export const issuerCodec = codecOf(Issuer)
export const clientCodec = codecOf(Client)
export const subjectCodec = codecOf(Subject)
export const accessCodec = codecOf(AccessToken)

/** The grant without its access tokens, which have rows of their own. */
export const grantCodec = codecOf(Grant)
