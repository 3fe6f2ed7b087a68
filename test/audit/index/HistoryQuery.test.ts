/** The statement of a query: one index answers it, by the condition that matches the fewest entries. */
import { expect, it } from "vitest"
import { historyStatement, type HistoryQuery } from "../../../src/audit/index/HistoryQuery.ts"

const END = "ORDER BY e.position LIMIT 0 + ?"
const all: Omit<HistoryQuery, "from" | "to" | "limit"> = {
  type: "GrantOpened",
  clientId: "app",
  actor: "operator",
  subjectId: "sub_alice",
  grantId: "login",
  correlationId: "request",
}
const place = ["e.position >= ?", "e.position < ?"]

it.each<readonly [string, Partial<HistoryQuery>, ReadonlyArray<string>, ReadonlyArray<unknown>]>([
  ["nothing", {}, [], []],
  ["a request", { correlationId: "request" }, ["e.correlation_id = ?"], ["request"]],
  ["a grant", { grantId: "login" }, ["e.grant_id = ?"], ["login"]],
  ["a subject", { subjectId: "sub_alice" }, ["e.subject_id = ?"], ["sub_alice"]],
  ["an actor", { actor: "operator" }, ["e.actor = ?"], ["operator"]],
  ["a client", { clientId: "app" }, ["e.client_id = ?"], ["app"]],
  ["a type", { type: "GrantOpened" }, ["e.type = ?"], ["GrantOpened"]],
  [
    "all of them at once",
    all,
    ["e.correlation_id = ?", "+e.grant_id = ?", "+e.subject_id = ?", "+e.actor = ?", "+e.client_id = ?", "+e.type = ?"],
    ["request", "login", "sub_alice", "operator", "app", "GrantOpened"],
  ],
])("by %s is answered by the index of the first condition", (_, query, conditions, parameters) => {
  expect(historyStatement({ from: 3, to: 9, limit: 2, ...query })).toEqual({
    sql: `SELECT e.position AS position FROM audited_entries e WHERE ${[...conditions, ...place].join(" AND ")} ${END}`,
    parameters: [...parameters, 3, 9, 2],
  })
})

it("by a resource is answered by its own index, in the form that resources are compared in", () => {
  const query = { resource: "https://FILES.example/mcp", type: "GrantOpened", from: 0, to: 9, limit: 2 }
  expect(historyStatement(query)).toEqual({
    sql: "SELECT r.position AS position FROM audited_resources r CROSS JOIN audited_entries e ON e.position = r.position WHERE r.resource = ? AND +e.type = ? AND r.position >= ? AND r.position < ? ORDER BY r.position LIMIT 0 + ?",
    parameters: ["https://files.example/mcp", "GrantOpened", 0, 9, 2],
  })
})

it("may begin with the newest", () => {
  const { sql } = historyStatement({ from: 0, to: 9, limit: 2, isNewestFirst: true })
  expect(sql).toContain("ORDER BY e.position DESC LIMIT")
  expect(historyStatement({ from: 0, to: 9, limit: 2, isNewestFirst: false }).sql).toContain(END)
})
