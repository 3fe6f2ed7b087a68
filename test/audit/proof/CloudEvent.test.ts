/** Entries as CloudEvents: each valid by the format's own SDK, and all of an entry that it may say. */
import { CloudEvent, HTTP, type CloudEventV1 } from "cloudevents"
import { describe, expect, it } from "vitest"
import { schemaVersionOf } from "../../../src/core/index.ts"
import { toCloudEvent } from "../../../src/audit/proof/CloudEvent.ts"
import type { StoredEnvelope } from "../../../src/audit/erase/Redaction.ts"
import { busyExport, ISSUER, parsed } from "./ExportedLog.ts"
import { run } from "../Logins.ts"

const busy = busyExport()

describe("CloudEvents", () => {
  it.each([true, false])("of a busy log are all valid by their own SDK (with digests: %s)", async (withDigests) => {
    const { log, head, cloudEvents } = busy()
    const lines = await cloudEvents(0, withDigests)
    expect(lines).toHaveLength(head.size)
    const entries = await run(log.readAll(0, head.size))
    let previous = ""
    for (const [position, body] of lines.entries()) {
      const message = { headers: { "content-type": "application/cloudevents+json" }, body }
      const received = HTTP.toEvent(message) as CloudEventV1<Record<string, unknown>>
      const event = new CloudEvent(received, true)
      expect(event.validate()).toBe(true)
      // The SDK forgives names that are too long, and takes what is missing for what it would make.
      const attributes = JSON.parse(body) as Record<string, unknown>
      expect(Object.keys(attributes).every((name) => /^[a-z0-9]{1,20}$/.test(name))).toBe(true)
      expect(Object.values(attributes).every((value) => value !== null)).toBe(true)
      const entry = entries[position]!
      expect(event).toMatchObject({
        specversion: "1.0",
        id: entry.id,
        source: ISSUER,
        type: `dev.grantlog.${entry.event._tag}.v${schemaVersionOf(entry.event._tag)}`,
        subject: entry.stream,
        time: new Date(entry.recordedAt).toISOString(),
        datacontenttype: "application/json",
        streamversion: entry.version,
        correlationid: entry.correlationId,
      })
      expect([event["causationid"] ?? null, event["actor"] ?? null]).toEqual([entry.causationId, entry.actor])
      expect(Number(event["sequence"])).toBe(position)
      expect(String(event["sequence"]) > previous).toBe(true)
      previous = String(event["sequence"])
    }
    expect(new Set(lines.map((line) => parsed(line)["id"])).size).toBe(lines.length)
  })

  it("leave out what an entry does not have", async () => {
    const entry = JSON.parse((await run(busy().log.readStored(0, 1)))[0]!.bytes) as StoredEnvelope
    const names = Object.keys(toCloudEvent(ISSUER, { ...entry, actor: null, causationId: null }))
    expect(names).not.toContain("actor")
    expect(names).not.toContain("causationid")
    const given = toCloudEvent(ISSUER, { ...entry, actor: "operator", causationId: "before" })
    // What the SDK would make of what is missing is said.
    expect(given).toMatchObject({ specversion: "1.0", actor: "operator", causationid: "before" })
  })

  it("from a position are those from there on", async () => {
    const { head, cloudEvents } = busy()
    const all = await cloudEvents(0, false)
    for (const from of [1, head.size - 2, head.size]) expect(await cloudEvents(from, false)).toEqual(all.slice(from))
  })
})
