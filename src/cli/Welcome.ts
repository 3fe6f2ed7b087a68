/** What `grantlog serve` says when it starts: where it is, who can sign in, and what to try. */
import { wellKnownPaths } from "../http/index.ts"
import type { AuthorizationServer } from "../provider/index.ts"
import { CREDENTIAL_VARIABLE } from "./admin/Credential.ts"
import { consoleLine } from "./console/Password.ts"
import { isInMemory, type StoreLocation } from "./StoreLocation.ts"
import { commandLine } from "./Suggestions.ts"

/** What is shown once, when the server starts. */
export interface Shown {
  readonly demo: DemoUser | undefined
  /** The console, if it is on; its password if it was made up for this run. */
  readonly console: { readonly password: string | undefined } | undefined
  /** The admin API, if it is on: its port, and the file of its credential if that is in one. */
  readonly admin: { readonly port: number; readonly file?: string | undefined } | undefined
}

export interface DemoUser {
  readonly name: string
  readonly password: string
}

export const welcome = (
  { settings }: AuthorizationServer,
  location: StoreLocation,
  port: number,
  { demo, console: seen, admin }: Shown,
): string => {
  const { issuer: url, autoApprove } = settings
  const metadata = new URL(wellKnownPaths(url)[0]!, url).href
  const base = url.replace(/\/$/, "")
  const lines = [
    `grantlog is serving ${url} on port ${port}`,
    isInMemory(location)
      ? "  store  in memory: everything is gone when this stops"
      : `  store  ${location.file ?? location.name}\n  keys   ${process.env["GRANTLOG_KEYS"] === undefined || location.isKeyFileGiven ? `${location.keyFile} (${location.file === undefined ? "give it to every instance, and back it up" : "back it up with the store"})` : "from GRANTLOG_KEYS"}`,
    ...(demo === undefined
      ? []
      : ["", `Sign in at ${base}/account as ${demo.name} with the password ${demo.password}`, "(shown this once)"]),
    ...(seen === undefined ? [] : ["", consoleLine(base, seen.password)]),
    ...(admin === undefined
      ? []
      : [
          "",
          `Admin API at http://localhost:${admin.port}, with the credential in ${admin.file ?? CREDENTIAL_VARIABLE}`,
        ]),
    "",
    "Try:",
    `  curl ${metadata}`,
    `  curl ${base}/register -H 'content-type: application/json' -d '{"redirect_uris":["http://127.0.0.1/callback"],"token_endpoint_auth_method":"none","grant_types":["authorization_code","refresh_token"]}'`,
    // No other process sees a store in memory.
    ...(isInMemory(location) ? [] : [`  npx ${commandLine(["grant", "list"], location)}`]),
  ]
  return autoApprove === undefined ? lines.join("\n") : [warning(autoApprove), ...lines].join("\n")
}

const warning = (account: string): string =>
  `!!! AUTO-APPROVAL IS ON: every request for a loopback redirect URI is approved
!!! as ${account}, without login and without consent. For development only.
`
