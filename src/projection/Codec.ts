/**
 * States as the text of a row, and back.
 *
 * A state is JSON as it is; its text is the canonical one, so that a rebuild gives the same rows byte for byte. Reading
 * goes through the schemas of the core, so that a row edited by hand is found out. What a text means never changes, so what was
 * decoded or encoded lately is not decoded again, whoever wrote it since. Whoever is given a state shares it with others;
 * a host gets it frozen (`provider/Frozen.ts`).
 */
import * as Schema from "effect/Schema"
import { AccessToken, Client, Grant, Issuer, Subject } from "../core/index.ts"
import { canonicalText, makeRecent, StoreFault } from "../log/index.ts"

/** Texts of one kind whose meaning is remembered. */
const MAX_MEANINGS = 2048

export const damagedRow = (cause?: unknown): StoreFault =>
  new StoreFault({ reason: "corrupt", message: "a row is damaged: run grantlog rebuild", cause })

const codecOf = <S extends Schema.ConstraintCodec<unknown, unknown>>(schema: S) => {
  const decode = Schema.decodeUnknownSync(schema)
  const meanings = makeRecent<unknown, S["Type"]>(MAX_MEANINGS)

  const decodeAnew = (text: unknown): S["Type"] => {
    try {
      // `Schema.fromJsonString` would cost as much again as these two.
      return decode(JSON.parse(String(text)))
    } catch (cause) {
      throw damagedRow(cause)
    }
  }
  return {
    /** Others may be given the same. Throws a {@link StoreFault} `corrupt` on what was not encoded here. */
    decode: (text: unknown): S["Type"] => meanings.get(text) ?? meanings.keep(text, decodeAnew(text)),
    encode: (state: S["Type"]): string => {
      const text = canonicalText(state)
      meanings.keep(text, state)
      return text
    },
  }
}

export const issuerCodec = codecOf(Issuer)
export const clientCodec = codecOf(Client)
export const subjectCodec = codecOf(Subject)
export const accessCodec = codecOf(AccessToken)
export const grantCodec = codecOf(Grant)
