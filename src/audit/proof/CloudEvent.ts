/**
 * An entry as a CloudEvents 1.0 event in JSON (structured mode), for systems that take events from anywhere.
 *
 * The envelope becomes attributes: `sequence`, `correlationid` and `causationid` are those of CloudEvents' documented
 * extensions, the others are named alike. Attribute names are lower case letters and digits; what an entry does not have
 * is left out, for no attribute is `null`. Proves nothing: that is what the other format is for.
 */
import type { StoredEnvelope } from "../erase/Redaction.ts"

export interface CloudEvent {
  readonly specversion: "1.0"
  readonly id: string
  readonly source: string
  readonly type: string
  readonly subject: string
  readonly time: string
  readonly datacontenttype: "application/json"
  /** The position, of one width, so that texts sort as positions do; CloudEvents' own integers have 32 bits. */
  readonly sequence: string
  readonly streamversion: number
  readonly correlationid: string
  readonly causationid?: string
  readonly actor?: string
  readonly data: unknown
}

/** As many digits as the largest safe integer has. */
const SEQUENCE_DIGITS = 16

/** `source` is the issuer; source and id together name the event in the whole world. */
export const toCloudEvent = (source: string, envelope: StoredEnvelope): CloudEvent => ({
  specversion: "1.0",
  id: envelope.id,
  source,
  type: `dev.grantlog.${envelope.type}.v${envelope.schemaVersion}`,
  subject: envelope.stream,
  time: new Date(envelope.recordedAt).toISOString(),
  datacontenttype: "application/json",
  sequence: String(envelope.position).padStart(SEQUENCE_DIGITS, "0"),
  streamversion: envelope.version,
  correlationid: envelope.correlationId,
  ...(envelope.causationId === null ? {} : { causationid: envelope.causationId }),
  ...(envelope.actor === null ? {} : { actor: envelope.actor }),
  data: envelope.data,
})
