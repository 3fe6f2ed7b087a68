/** Flags of `grantlog check` for servers that do not say everything themselves: other clients, endpoints, who signs in. */
import * as Option from "effect/Option"
import * as Flag from "effect/cli/Flag"
import { endpointNames, type EndpointName, type Endpoints } from "../../../properties/kit/issuer/Discovery.ts"
import { text } from "../Flags.ts"

const endpointFlag = (name: string) =>
  Flag.String(`${name}-endpoint`).pipe(
    Flag.withDescription("issuer: that endpoint, for a server whose metadata does not name it"),
    Flag.optional,
  )

export const issuerFlags = {
  loginCommand: Flag.String("login-command").pipe(
    Flag.withDescription(
      "issuer: a program that signs in: it gets the authorization URL as last argument and prints where that led",
    ),
    Flag.optional,
  ),
  otherClientId: text("other-client-id", "issuer: a second client, for what strangers do").pipe(Flag.optional),
  otherClientSecret: text("other-client-secret", "issuer: its secret; better from the environment").pipe(Flag.optional),
  authorizationEndpoint: endpointFlag("authorization"),
  tokenEndpoint: endpointFlag("token"),
  registrationEndpoint: endpointFlag("registration"),
  revocationEndpoint: endpointFlag("revocation"),
  introspectionEndpoint: endpointFlag("introspection"),
  userinfoEndpoint: endpointFlag("userinfo"),
  pushedAuthorizationRequestEndpoint: endpointFlag("pushed-authorization-request"),
}

type Given<Name extends string> = { readonly [N in Name]: Option.Option<string> }

/** What was given of those flags. */
export type IssuerFlags = Given<keyof typeof issuerFlags>

/** Those that are said again when a check is replayed: nothing secret. */
export const openIssuerFlags = (all: IssuerFlags): Readonly<Record<string, Option.Option<string>>> => ({
  "login-command": all.loginCommand,
  "other-client-id": all.otherClientId,
  ...Object.fromEntries(endpointNames.map((name) => [`${name.replaceAll("_", "-")}-endpoint`, endpointIn(all, name)])),
})

const endpointIn = (all: IssuerFlags, name: EndpointName): Option.Option<string> => {
  switch (name) {
    case "pushed_authorization_request":
      return all.pushedAuthorizationRequestEndpoint
    default:
      return all[`${name}Endpoint`]
  }
}

export const endpointsIn = (all: IssuerFlags): Endpoints =>
  Object.fromEntries(
    endpointNames.flatMap((name) =>
      Option.match(endpointIn(all, name), { onNone: () => [], onSome: (url) => [[name, url]] }),
    ),
  )

/** What is wrong with them for any target. */
export const issuerMisuse = (
  all: IssuerFlags,
  { auto, clientId }: { readonly auto: boolean; readonly clientId: Option.Option<string> },
): string | undefined => {
  if (auto && Option.isSome(all.loginCommand)) return "--auto and --login-command: one of them signs in"
  if (Option.isSome(all.otherClientSecret) && Option.isNone(all.otherClientId)) {
    return "--other-client-secret is a secret of --other-client-id, which is missing"
  }
  if (Option.isSome(all.otherClientId) && Option.isNone(clientId)) {
    return "--other-client-id is a second client: name the first with --client-id"
  }
  const unknown = Object.entries(endpointsIn(all)).find(([, url]) => !/^https?:/i.test(url) || !URL.canParse(url))
  return unknown === undefined
    ? undefined
    : `--${unknown[0].replaceAll("_", "-")}-endpoint: \`${unknown[1]}\` is no URL`
}
