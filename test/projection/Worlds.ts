/** Rows that commands led to, held by the test itself: to be edited by hand, and to tell what is asked of them. */
import { Effect } from "effect"
import type { Command } from "../../src/core/index.ts"
import { makeMemoryLog, type RowWriter } from "../../src/log/index.ts"
import { memoryRows } from "../../src/log/MemoryRows.ts"
import { inlineProjection } from "../../src/projection/index.ts"
import { rowsByHand } from "../log/RowsByHand.ts"
import { execute, type HistoryStore } from "./Histories.ts"

/** A log to which each command appended something. */
export const logAfter = async (...commands: ReadonlyArray<Command>): Promise<HistoryStore> => {
  const log = makeMemoryLog({ projection: inlineProjection, side: rowsByHand })
  for (const command of commands) {
    if ((await execute(log, command)) === undefined) throw new Error(`nothing came of ${command._tag}`)
  }
  return log
}

export const rowsAfter = async (...commands: ReadonlyArray<Command>): Promise<RowWriter> => {
  const log = await logAfter(...commands)
  const rows = memoryRows(new Map())
  for (const table of inlineProjection.tables) {
    for (const row of Effect.runSync(log.dump(table))) rows.put(table, row)
  }
  return rows
}

/** The same rows; `told` is given each question and each change, as the word for it, the table and the key. */
export const telling = (rows: RowWriter, told: (what: string) => void): RowWriter => ({
  get: (table, key) => {
    told(`get ${table.name} ${key.join(" ")}`)
    return rows.get(table, key)
  },
  list: (table, listing) => {
    told(`list ${table.name}`)
    return rows.list(table, listing)
  },
  count: (table, where) => {
    told(`count ${table.name}`)
    return rows.count(table, where)
  },
  put: (table, row) => {
    told(`put ${table.name}`)
    rows.put(table, row)
  },
  set: (table, key, columns) => {
    told(`set ${table.name} ${key.join(" ")}`)
    rows.set(table, key, columns)
  },
  delete: (table, key) => {
    told(`delete ${table.name} ${key.join(" ")}`)
    rows.delete(table, key)
  },
})
