/**
 * The records that go to the MCP SDK and come from it: what this client knows, in the SDK's words. Its two generations
 * name them differently and mean the same; the arrays are theirs to change.
 */
import type { Discovered } from "../discovery/Discovery.ts"
import type { clientMetadata, Registered } from "../registration/Registration.ts"
import type { AuthorizationServer } from "../discovery/ServerMetadata.ts"
import type { StoredTokens } from "../storage/TokenStorage.ts"
import type { OAuthClientInformationFull, OAuthToken } from "../../protocol/index.ts"

type Mutable<A> = { -readonly [Key in keyof A]: A[Key] extends ReadonlyArray<infer B> | undefined ? Array<B> : A[Key] }

export type SdkClientMetadata = Mutable<ReturnType<typeof clientMetadata>>

export interface SdkClient extends Pick<OAuthClientInformationFull, "client_id" | "client_secret"> {
  readonly issuer?: string
}

export interface SdkTokens extends Mutable<OAuthToken> {
  issuer?: string
}

export interface SdkDiscovery {
  readonly authorizationServerUrl: string
  readonly authorizationServerMetadata: Mutable<AuthorizationServer["metadata"]> & {
    response_types_supported: Array<string>
  }
  readonly resourceMetadata?: {
    resource: string
    authorization_servers: Array<string>
    scopes_supported?: Array<string>
  }
}

export const forSdk = {
  clientMetadata: (metadata: ReturnType<typeof clientMetadata>): SdkClientMetadata => ({ ...metadata }),
  client: ({ client, issuer }: Registered): SdkClient => ({ ...client, issuer }),
  /** The access token and what is left of its life; the refresh token stays here. */
  tokens: ({ tokens, expiresAt, issuer }: StoredTokens, now: number): SdkTokens => {
    const { refresh_token: _kept, expires_in: _then, ...rest } = tokens
    const left = expiresAt === undefined ? {} : { expires_in: Math.max(0, Math.floor((expiresAt - now) / 1000)) }
    return { ...rest, ...left, issuer }
  },
  discovery: ({ server, resource, issuers, scopesSupported, isFromResource }: Discovered): SdkDiscovery => ({
    authorizationServerUrl: server.issuer,
    authorizationServerMetadata: {
      ...(structuredClone(server.metadata) as Mutable<AuthorizationServer["metadata"]>),
      response_types_supported: [...(server.metadata.response_types_supported ?? ["code"])],
    },
    ...(isFromResource
      ? {
          resourceMetadata: {
            resource,
            authorization_servers: [...issuers],
            ...(scopesSupported === undefined ? {} : { scopes_supported: [...scopesSupported] }),
          },
        }
      : {}),
  }),
} as const
