/**
 * An entry as a CloudEvents 1.0 event in JSON (structured mode), for systems that take such events.
 *
 * The envelope becomes attributes: `sequence`, `correlationid` and `causationid` are CloudEvents' documented
 * extensions, the others are named in the same way. Attribute names are lower case letters and digits. What an entry
 * does not have is left out, because no attribute may be `null`. This format proves nothing; the other one does.
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
  /**
   * The position with leading zeros, so that texts sort as positions do. CloudEvents' own integers have only 32 bits.
   */
  readonly sequence: string
  readonly streamversion: number
  readonly correlationid: string
  readonly causationid?: string
  readonly actor?: string
  readonly data: unknown
}

/** As many digits as the largest safe integer has. */
const SEQUENCE_DIGITS = 16

/** `source` is the issuer. Source and id together identify the event globally. */
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
