/**
 * States as the text of a row, and back.
 *
 * The text is the canonical JSON of a state, so that a rebuild gives the same rows byte for byte. Reading goes through
 * the schemas of the core, so a row edited by hand is found out. The meaning of a text never changes, so a text that
 * was decoded or encoded recently is not decoded again. A decoded state is shared; a host gets it frozen
 * (`provider/Frozen.ts`).
 */
import * as Schema from "effect/Schema"
import { AccessToken, Client, Descent, Grant, Issuer, LoginContext, Subject } from "../core/index.ts"
import { canonicalText, makeRecent, StoreFault } from "../log/index.ts"

/** How many texts of one kind are remembered with their states. */
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
    /**
     * The state may be shared with others. Throws a {@link StoreFault} `corrupt` for a text that was not encoded here.
     */
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
export const descentCodec = codecOf(Descent)
export const loginCodec = codecOf(LoginContext)
export const grantCodec = codecOf(Grant)
