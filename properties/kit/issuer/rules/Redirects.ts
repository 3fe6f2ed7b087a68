/**
 * Rules of the redirect URI: only where a client was registered for does a browser ever go.
 *
 * Each URI differs from a registered one in one way that some comparison overlooks. Nobody is asked to sign in for
 * these: a server that lets anybody sign in before it looks at the URI shows nothing here.
 */
import { NotTried } from "../../judging/Obstacles.ts"
import { publicClient, type Issuer } from "../Issuer.ts"
import { tellLocation, withoutCode } from "../Location.ts"
import { isUnanswered } from "../Patience.ts"
import { OTHER_PORT_URI, REDIRECT_URI, register, registered, registerClient, type WireClient } from "../Registration.ts"
import { withQuery } from "../Requests.ts"
import { codeFor, tellLogin, type Finding, type Rule } from "./Rule.ts"

const APP_URI = "https://app.example/callback"

/** One difference each; the loopback port is free, and so not among them. */
const loopbackVariants = (uri: string): Readonly<Record<string, string>> => ({
  "a trailing slash": `${uri}/`,
  "another path": `${uri}/more`,
  "another case of the path": uri.replace("/callback", "/Callback"),
  "a path that is encoded": uri.replace("/callback", "/%63allback"),
  "a path that climbs": uri.replace("/callback", "/x/../callback"),
  "an extra query": `${uri}?more=1`,
  "a fragment": `${uri}#more`,
  "a user name": uri.replace("://", "://somebody@"),
  "https for http": uri.replace("http:", "https:"),
  "another host behind the name": uri.replace("127.0.0.1", "127.0.0.1.evil.example"),
})

const appVariants: Readonly<Record<string, string>> = {
  "a port of its own": "https://app.example:8443/callback",
  "a longer host": "https://app.example.evil.example/callback",
  "a host below": "https://evil.app.example/callback",
  "the host as user name": "https://app.example@evil.example/callback",
  "http for https": "http://app.example/callback",
}

const refusedVariants = async (
  { logins, isAuto }: Issuer,
  client: WireClient,
  variants: Readonly<Record<string, string>>,
): Promise<ReadonlyArray<Finding>> => {
  const findings: Array<Finding> = []
  for (const [difference, redirectUri] of Object.entries(variants)) {
    const walk = await logins.probe({ client, redirectUri })
    const isRefused = walk._tag === "Page" && walk.status >= 400
    // A page that asks for a password comes perhaps before any look at the URI.
    const isUnknown = walk._tag === "Page" && !isRefused && !isAuto
    findings.push({
      text: `a code is to go to \`${redirectUri}\`: ${difference}`,
      expected: "a page",
      observed: walk._tag === "Page" ? "a page" : tellLocation(walk.location),
      isKept: isUnknown ? undefined : walk._tag === "Page",
    })
  }
  return findings
}

const appClient = async ({ wire, metadata }: Issuer): Promise<WireClient | undefined> =>
  registerClient(wire, metadata, { method: "none", redirectUris: [APP_URI], applicationType: "web" })

/** Who refuses everybody refuses nothing in particular. */
const requireRegistration = async (issuer: Issuer): Promise<void> => {
  registrationEndpointOf(issuer.metadata)
  if ((await appClient(issuer)) === undefined) throw new NotTried(`even \`${APP_URI}\` cannot be registered`)
}

/** Registrations that have to be refused. */
const refusedUris = async (issuer: Issuer, uris: ReadonlyArray<string>): Promise<ReadonlyArray<Finding>> => {
  await requireRegistration(issuer)
  const { wire, metadata } = issuer
  const findings: Array<Finding> = []
  for (const uri of uris) {
    const wanted = { method: "none", redirectUris: [uri] } as const
    const answer = await register(wire, registrationEndpointOf(metadata), wanted)
    const isAccepted = registered(answer, wanted) !== undefined
    findings.push({
      text: `a client registers \`${uri}\``,
      expected: "a refusal",
      observed: isAccepted ? `registered with status ${answer.status}` : `refused with status ${answer.status}`,
      isKept: isUnanswered(answer) ? undefined : !isAccepted,
    })
  }
  return findings
}

/** A registration with an asterisk is refused, or the asterisk stands for nothing but itself. */
const noPattern = async (issuer: Issuer, pattern: string, match: string): Promise<Finding> => {
  await requireRegistration(issuer)
  const wanted = { method: "none", redirectUris: [pattern] } as const
  const answer = await register(issuer.wire, registrationEndpointOf(issuer.metadata), wanted)
  const client = registered(answer, wanted)
  const finding = { text: `a client registers \`${pattern}\``, expected: "a refusal, or it is no pattern" }
  if (client === undefined) {
    const isKept = isUnanswered(answer) ? undefined : true
    return { ...finding, observed: `refused with status ${answer.status}`, isKept }
  }
  const walk = await issuer.logins.probe({ client, redirectUri: match })
  return walk._tag === "Page"
    ? {
        ...finding,
        observed: "registered, but it is no pattern",
        isKept: issuer.isAuto || walk.status >= 400 ? true : undefined,
      }
    : { ...finding, observed: `registered, then ${tellLocation(walk.location)}`, isKept: false }
}

const registrationEndpointOf = ({ registrationEndpoint }: Issuer["metadata"]): string => {
  if (registrationEndpoint === undefined) throw new NotTried("clients cannot register themselves")
  return registrationEndpoint
}

export const redirectRules: ReadonlyArray<Rule> = [
  {
    id: "OAUTH21-2.3.1-exact-redirect-match",
    check: async (issuer) => {
      const client = publicClient(issuer)
      const app = await appClient(issuer)
      return [
        ...(await refusedVariants(issuer, client, loopbackVariants(client.redirectUri))),
        ...(app === undefined ? [] : await refusedVariants(issuer, app, appVariants)),
      ]
    },
  },
  {
    id: "OAUTH21-8.4.2-loopback-any-port",
    check: async (issuer) => {
      const client = publicClient(issuer)
      if (client.redirectUri !== REDIRECT_URI) throw new NotTried("the redirect URI is not the check's own")
      const login = await issuer.logins.login({
        client,
        redirectUri: OTHER_PORT_URI,
        scopes: issuer.scopes.slice(0, 1),
      })
      const isThere = login._tag !== "Nowhere" && login.location.href.startsWith(OTHER_PORT_URI)
      return [
        {
          text: `a code is to go to \`${OTHER_PORT_URI}\`, where \`${REDIRECT_URI}\` is registered`,
          expected: "a code, sent there",
          observed: tellLogin(login),
          isKept: isThere && login._tag === "Code",
        },
      ]
    },
  },
  {
    id: "OAUTH21-2.3-redirect-keep-query",
    check: async (issuer) => {
      const wanted = {
        method: "none",
        redirectUris: [
          withQuery(REDIRECT_URI, [
            ["keep", "a b"],
            ["empty", ""],
          ]),
        ],
      } as const
      const client = await registerClient(issuer.wire, issuer.metadata, { ...wanted, applicationType: "native" })
      if (client === undefined) throw new NotTried("a redirect URI with a query cannot be registered")
      const { location } = await codeFor(issuer, { client, scopes: issuer.scopes.slice(0, 1) })
      const query = client.redirectUri.slice(client.redirectUri.indexOf("?"))
      return [
        {
          text: `a code is sent to \`${client.redirectUri}\``,
          expected: `a query that starts with ${query}`,
          observed: `the query ${withoutCode(location.search)}`,
          isKept: location.search.startsWith(query),
        },
      ]
    },
  },
  {
    id: "RFC7591-5-redirect-restrictions",
    check: (issuer) =>
      refusedUris(issuer, [
        "javascript:alert(1)//callback",
        "data:text/html,callback",
        "file:///etc/callback",
        "callback",
      ]),
  },
  {
    id: "OAUTH21-2.3-redirect-no-fragment",
    check: (issuer) => refusedUris(issuer, [`${APP_URI}#fragment`]),
  },
  {
    id: "RFC9700-2.6-http-redirect-forbidden",
    check: (issuer) => refusedUris(issuer, ["http://app.example/callback"]),
  },
  {
    id: "OAUTH21-2.3.1-register-full-redirect",
    check: async (issuer) => [
      await noPattern(issuer, "https://*.app.example/callback", "https://evil.app.example/callback"),
      await noPattern(issuer, "https://app.example/*", "https://app.example/evil"),
    ],
  },
]
