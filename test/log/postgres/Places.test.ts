/** Places in a database beside the log's keep the rules of every place, whoever shares them; and so do those in the log's own. */
import { Effect } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { postgresPlaces } from "../../../src/log/index.ts"
import { openPostgres, type OpenPostgres } from "../../../src/log/postgres/Connections.ts"
import { checkpointTable, checkpointsIn } from "../../../src/audit/proof/CheckpointRows.ts"
import { checkpointPlaceRules } from "../../audit/proof/CheckpointPlaceRules.ts"
import { placeRules, samplePlaceTable } from "../PlaceRules.ts"
import { newSchema, openEmpty, postgres } from "./Schemas.ts"

const run = Effect.runPromise

describe.runIf(postgres !== undefined)("in a database beside the log's", () => {
  const openOn = (schema: string, open?: OpenPostgres) => {
    const tables = [samplePlaceTable, checkpointTable]
    const places = postgresPlaces(postgres!, tables, { schema, logSchema: "nowhere", ...(open && { open }) })
    onTestFinished(() => run(places.close))
    return places
  }

  placeRules(async () => {
    const schema = newSchema()
    return [openOn(schema).place(samplePlaceTable), openOn(schema).place(samplePlaceTable)]
  })

  describe("checkpoints", () => {
    checkpointPlaceRules(async () => {
      const schema = newSchema()
      const open = () => checkpointsIn(openOn(schema).place(checkpointTable), "there", [])
      return [open(), open()]
    })
  })

  it("a place that is closed leaves the others open, and all are closed with their connections", async () => {
    const places = openOn(newSchema())
    const [first, second] = [places.place(samplePlaceTable), places.place(samplePlaceTable)]
    await run(first.close)
    expect(await run(second.list({}))).toEqual([])
    await run(places.close)
    await expect(run(second.list({}))).rejects.toMatchObject({ reason: "closed" })
  })

  it("the database of a log is refused, for what is in it comes back with the log", async () => {
    const [schema, log] = [newSchema(), openEmpty()]
    await run(log.head)
    const logSchema = await logSchemaOf()
    const places = postgresPlaces(postgres!, [samplePlaceTable], { schema, logSchema })
    onTestFinished(() => run(places.close))
    await expect(run(places.place(samplePlaceTable).list({}))).rejects.toThrow(
      "the database of --beside holds a log: name another one, for what is in it comes back with a backup of the log",
    )
  })

  it("an exchange whose connection is lost with COMMIT is done once, and found to be done", async () => {
    let [isMeant, isCut] = [false, false]
    const cutting: OpenPostgres = async (url, count) => {
      const connections = await openPostgres(url, count)
      return {
        ...connections,
        write: (body) =>
          connections.write((session) =>
            body({
              ...session,
              script: async (sql) => {
                const found = await session.script(sql)
                if (!isMeant || isCut || !sql.endsWith("COMMIT")) return found
                isCut = true
                throw Object.assign(new Error("cut"), { code: "CONNECTION_CLOSED" })
              },
            }),
          ),
      }
    }
    const schema = newSchema()
    const place = openOn(schema).place(samplePlaceTable)
    await run(place.list({}))
    const cut = openOn(schema, cutting).place(samplePlaceTable)
    await run(cut.list({}))
    isMeant = true
    const after = { name: "a", part: 1, says: "x" }
    expect(await run(cut.exchange([{ after }]))).toBe(false)
    expect(isCut).toBe(true)
    expect(await run(place.list({}))).toEqual([after])
  })

  it("nothing that a driver says, and no password, is passed on", async () => {
    const address = "postgres://grantlog:hunter2@127.0.0.1:1/other"
    const open: OpenPostgres = (url) =>
      Promise.reject(Object.assign(new Error(`cannot connect to ${url}`), { code: "ECONNREFUSED" }))
    const places = postgresPlaces(address, [samplePlaceTable], { open })
    const fault = await run(Effect.flip(places.place(samplePlaceTable).list({})))
    expect(fault.message).toBe("the database of --beside cannot be reached: start it, or check its address in --beside")
    expect(JSON.stringify(fault) + String(fault.cause)).not.toContain("hunter2")
  })
})

const logSchemaOf = async (): Promise<string> => {
  const connections = await openPostgres(postgres!, 1)
  onTestFinished(() => connections.close())
  const [row] = await connections.read(
    "SELECT nspname AS name FROM pg_namespace WHERE to_regclass(nspname || '.head') IS NOT NULL LIMIT 1",
    [],
  )
  return String(row!["name"])
}
