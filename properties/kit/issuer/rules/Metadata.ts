/** Rules of the metadata (RFC 8414). They only look at what was found already. */
import { NotTried } from "../../judging/Obstacles.ts"
import { listMember } from "../Discovery.ts"
import type { Finding, Rule } from "./Rule.ts"

const looked = (text: string, expected: string, observed: string, isKept: boolean): ReadonlyArray<Finding> => [
  { text, expected, observed, isKept },
]

const shown = (value: unknown): string => JSON.stringify(value) ?? "nothing"

/** A slash at the end is not held against the server: whoever started the check may have added or left it. */
const withoutSlash = (url: string): string => url.replace(/\/$/, "")

const onMetadata = (rules: ReadonlyArray<Rule>): ReadonlyArray<Rule> =>
  rules.map(({ id, check }) => ({
    id,
    check: (issuer) => {
      if (issuer.metadata.url === undefined) throw new NotTried("the server has no metadata")
      return check(issuer)
    },
  }))

export const metadataRules = onMetadata([
  {
    id: "RFC8414-3.3-issuer-identical",
    check: async ({ url, metadata }) =>
      looked(
        `the issuer in ${metadata.url}`,
        url,
        shown(metadata.members["issuer"]),
        withoutSlash(metadata.issuer) === withoutSlash(url),
      ),
  },
  {
    id: "RFC8414-2-required-members",
    check: async ({ metadata }) =>
      looked(
        `response_types_supported in ${metadata.url}`,
        `a list with "code"`,
        shown(metadata.members["response_types_supported"]),
        listMember(metadata.members, "response_types_supported").includes("code"),
      ),
  },
  {
    id: "RFC8414-3.2-json-200-no-empty",
    check: async ({ metadata: { members, url } }) => {
      const empty = Object.keys(members).filter((name) => Array.isArray(members[name]) && members[name].length === 0)
      const unsaid = Object.keys(members).filter((name) => members[name] === null)
      const wrong = [...empty, ...unsaid]
      return looked(
        `members of ${url}`,
        "none empty",
        wrong.length === 0 ? "none empty" : shown(wrong),
        wrong.length === 0,
      )
    },
  },
  {
    id: "RFC9700-2.1.1-pkce-detectable",
    check: async ({ metadata: { members, url } }) =>
      looked(
        `code_challenge_methods_supported in ${url}`,
        `a list with "S256"`,
        shown(members["code_challenge_methods_supported"]),
        listMember(members, "code_challenge_methods_supported").includes("S256"),
      ),
  },
])
