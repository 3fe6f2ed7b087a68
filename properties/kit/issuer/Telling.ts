/**
 * Requests and answers as a verdict names them: what was sent where, and what came; codes, tokens and secrets left out.
 *
 * And the clauses that a verdict rests on, by document and section.
 */
import { documents, requirements, type RequirementId } from "../../../spec/requirements/index.ts"
import { tellLocation } from "./Location.ts"
import type { WireAnswer, WireRequest } from "./Wire.ts"

/** What may be shown of a form: nothing that opens anything. */
const shownParameters: ReadonlySet<string> = new Set([
  "grant_type",
  "redirect_uri",
  "resource",
  "scope",
  "token_type_hint",
])

const parameter = ([name, value]: readonly [string, string]): string =>
  shownParameters.has(name) ? `${name}=${value}` : `${name}=…`

/** `POST /token (Basic, grant_type=refresh_token, refresh_token=…)` */
export const tellRequest = ({ method, url, headers = {}, form = [] }: WireRequest): string => {
  const { pathname, searchParams } = new URL(url)
  const scheme = headers["authorization"]?.split(" ")[0]
  const proof = headers["dpop"] === undefined ? [] : ["DPoP proof"]
  const said = [...(scheme === undefined ? [] : [scheme]), ...proof, ...[...searchParams, ...form].map(parameter)]
  return `${method} ${pathname}${said.length === 0 ? "" : ` (${said.join(", ")})`}`
}

export const errorOf = ({ body }: WireAnswer): string | undefined =>
  typeof body["error"] === "string" ? body["error"] : undefined

export const hasTokens = ({ status, body }: WireAnswer): boolean =>
  status === 200 && typeof body["access_token"] === "string"

/** `400 invalid_grant`, `200 with tokens`, `200 active: false`, `302 to …`. */
export const tell = (answer: WireAnswer): string => {
  if (hasTokens(answer)) return `${answer.status} with tokens`
  if (typeof answer.body["active"] === "boolean") return `${answer.status} active: ${answer.body["active"]}`
  const location = answer.headers.get("location")
  const detail = errorOf(answer) ?? (location === null ? undefined : tellLocation(location))
  return detail === undefined ? String(answer.status) : `${answer.status} ${detail}`
}

/** What was sent, and what came. */
export interface Exchange {
  readonly request: string
  readonly answer: string
}

export const exchangeIn = (request: WireRequest, answer: WireAnswer): Exchange => ({
  request: tellRequest(request),
  answer: tell(answer),
})

const nameOf = (doc: string): string =>
  doc === "OAUTH21" ? documents.find(({ id }) => id === doc)!.title : doc.replace(/^RFC(?=\d)/, "RFC ")

/** `OAuth 2.1 4.3.1, 4.3.3; RFC 7009 2.1`; empty where a promise rests on no document. */
export const clauses = (ids: ReadonlyArray<RequirementId>): string => {
  const sections = new Map<string, ReadonlyArray<string>>()
  for (const id of ids) {
    const { doc, section } = requirements.find((one) => one.id === id)!
    const known = sections.get(doc) ?? []
    sections.set(doc, known.includes(section) ? known : [...known, section])
  }
  return [...sections].map(([doc, all]) => `${nameOf(doc)} ${all.join(", ")}`).join("; ")
}

/** An objection with the clause that it rests on. */
export const against = (objection: string, ids: ReadonlyArray<RequirementId>): string =>
  ids.length === 0 ? objection : `${objection} (${clauses(ids)})`
