/**
 * Which scopes are asked for: what is demanded, else what is wanted, else what is listed; never less than is held, and
 * offline access only beside a scope.
 */
import { expect, test } from "vitest"
import { scopesOf, scopesToAsk } from "../../../src/client/authorization/ScopeSelection.ts"

const none = { wanted: [], held: [] }

//= MCP-AUTHZ-client-scope-union
test.each([
  ["nothing is known", none, []],
  ["the resource lists some", { ...none, listed: ["a", "b"] }, ["a", "b"]],
  ["the program wants some", { ...none, listed: ["a"], wanted: ["w"] }, ["w"]],
  ["the resource demands some", { ...none, listed: ["a"], demanded: ["d"] }, ["d"]],
  ["it demands none", { ...none, listed: ["a"], demanded: [] }, []],
  ["both want some", { wanted: ["w"], held: [], listed: ["a"], demanded: ["d", "w"] }, ["w", "d"]],
  ["some are held", { wanted: ["w"], held: ["h"], demanded: ["d"] }, ["h", "w", "d"]],
  ["offline access is wanted and not offered", { wanted: ["offline_access", "w"], held: [], offered: ["w"] }, ["w"]],
  ["nobody says what is offered", { wanted: ["offline_access"], held: ["offline_access"] }, []],
  ["offline access is offered", { ...none, listed: ["a"], offered: ["offline_access"] }, ["a", "offline_access"]],
  [
    "offline access is offered and wanted",
    { wanted: ["offline_access", "w"], held: [], offered: ["offline_access"] },
    ["w", "offline_access"],
  ],
  ["offline access is all there is to add", { ...none, offered: ["offline_access"] }, []],
  ["it is offered beside a default that nobody names", { ...none, offered: ["read", "offline_access"] }, []],
  ["the resource lists it alone", { ...none, listed: ["offline_access"], offered: ["offline_access"] }, []],
  ["the resource lists none", { ...none, listed: [], offered: ["offline_access"] }, []],
  ["the resource demands it alone", { ...none, demanded: ["offline_access"], offered: ["offline_access"] }, []],
  ["the resource demands none", { ...none, demanded: [], listed: ["a"], offered: ["offline_access"] }, []],
  ["it is all that is held", { wanted: [], held: ["offline_access"], offered: ["offline_access"] }, []],
  ["the program wants it alone", { wanted: ["offline_access"], held: [], offered: ["offline_access"] }, []],
  [
    "the program wants it alone and the resource lists more",
    { wanted: ["offline_access"], held: [], listed: ["a"], offered: ["offline_access"] },
    ["a", "offline_access"],
  ],
  [
    "the program wants it beside what the resource demands",
    { wanted: ["offline_access"], held: [], demanded: ["d"], offered: ["offline_access"] },
    ["d", "offline_access"],
  ],
  ["it is listed among others and not offered", { ...none, listed: ["a", "offline_access"], offered: ["a"] }, ["a"]],
  [
    "some are held beside it",
    { wanted: [], held: ["h", "offline_access"], demanded: ["d"], offered: ["offline_access"] },
    ["h", "d", "offline_access"],
  ],
])("where %s, %j asks for %j", (_, wish, asked) => {
  expect(scopesToAsk(wish)).toEqual(asked)
})

test.each([
  [undefined, []],
  ["", []],
  ["a", ["a"]],
  [" a  b\tc ", ["a", "b", "c"]],
])("the scopes of %j are %j", (text, scopes) => {
  expect(scopesOf(text)).toEqual(scopes)
})
