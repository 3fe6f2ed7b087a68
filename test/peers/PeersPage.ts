/** The page about other people's servers: which were checked, in which version, and what each breaks. */
import { judged } from "../../properties/kit/judging/Judge.ts"
import type { KitReport, PromiseResult } from "../../properties/kit/Report.ts"
import { byHand } from "./ByHand.ts"
import { ofGo, ofNpm, ofPython } from "./Versions.ts"

export interface Checked {
  readonly name: string
  readonly report: KitReport
  /** Promises that are broken or not as chance has it. */
  readonly sometimes: ReadonlyArray<string>
}

export const isPromise = (name: string): boolean => judged.some((promise) => promise.name === name)

/** What is broken, in the order of the report. */
export const brokenIn = ({ results }: KitReport): ReadonlyArray<PromiseResult> =>
  results.filter(({ verdict }) => verdict === "broken")

const versions = (): Readonly<Record<string, string>> => ({
  "oidc-provider": ofNpm("oidc-provider"),
  FastMCP: ofPython("fastmcp"),
  "MCP TypeScript SDK demo": ofNpm("@modelcontextprotocol/sdk"),
  Authlib: ofPython("Authlib"),
  "go-oauth2": ofGo("github.com/go-oauth2/oauth2/v4"),
})

const versionOf = (name: string): string =>
  Object.entries(versions()).find(([start]) => name.startsWith(start))?.[1] ?? "unknown"

/** Fit for a cell: the server's address is another one in each run. */
const cell = (text: string): string =>
  text.replaceAll(/https?:\/\/127\.0\.0\.1:(?!765[45])\d+/g, "").replaceAll("|", "\\|")

/** What was broken, and by chance alone what may be: the answer of one run would be another in the next. */
const lineOf = ({ name, sometimes }: Checked, { promise, reason = "" }: PromiseResult): string => {
  const what = sometimes.includes(promise) ? "in a race, as chance has it" : cell(reason)
  return `| ${promise} | ${what} | ${cell(byHand[name]?.[promise] ?? "")} |`
}

const sectionOf = (checked: Checked): string => {
  const { name, report, sometimes } = checked
  const lines = report.results.filter(({ promise, verdict }) => verdict === "broken" || sometimes.includes(promise))
  const ways = ["login", "requests", "access tokens", "refresh", "revocation"]
  const about = ways.map((way) => `${way}: ${cell(report.capabilities[way] ?? "")}`).join("; ")
  return [
    `## ${name} ${versionOf(name)}`,
    about,
    ["| broken | the request, what came, and the clause | by hand |", "| --- | --- | --- |"]
      .concat(lines.map((result) => lineOf(checked, result)))
      .join("\n"),
  ].join("\n\n")
}

const introduction = `# Other people's servers

What \`grantlog check\` finds in servers that others wrote, as they are set up in \`test/peers\`: the quick start or example
of each, but for pages, which are left out so that whoever asks is approved. \`npm run test:peers\` checks them and compares
this page with what it saw; \`npm run test:peers -- --update\` writes it. A line that is missing is kept, or could not be
tried from outside.

Each line was tried once by hand, with curl and without this project's code; the last column says what was seen. A broken
line is no vulnerability report: some are policies of an example, or what OAuth 2.0 allowed and OAuth 2.1 does not.`

export const peersPage = (all: ReadonlyArray<Checked>): string =>
  [introduction, "<!-- prettier-ignore-start -->", ...all.map(sectionOf), "<!-- prettier-ignore-end -->"].join("\n\n") +
  "\n"
