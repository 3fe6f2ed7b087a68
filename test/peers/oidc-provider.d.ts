/** The little of oidc-provider that is used here; it comes without types. */
declare module "oidc-provider" {
  import type { IncomingMessage, ServerResponse } from "node:http"

  export interface Grant {
    addOIDCScope(scope: string): void
    addResourceScope(resource: string, scope: string): void
    save(): Promise<string>
  }

  export interface Interaction {
    readonly params: {
      readonly client_id: string
      readonly scope?: string
      readonly resource?: string | ReadonlyArray<string>
    }
  }

  export default class Provider {
    constructor(issuer: string, configuration: Readonly<Record<string, unknown>>)
    readonly Grant: new (properties: { readonly accountId: string; readonly clientId: string }) => Grant
    callback(): (request: IncomingMessage, response: ServerResponse) => Promise<void>
    interactionDetails(request: IncomingMessage, response: ServerResponse): Promise<Interaction>
    interactionFinished(
      request: IncomingMessage,
      response: ServerResponse,
      result: { readonly login: { readonly accountId: string }; readonly consent: { readonly grantId: string } },
    ): Promise<void>
  }
}

declare module "oidc-provider/lib/adapters/memory_adapter.js" {
  type Method = (...values: ReadonlyArray<unknown>) => Promise<unknown>

  export type Adapter = Readonly<
    Record<"upsert" | "find" | "findByUid" | "findByUserCode" | "consume" | "destroy" | "revokeByGrantId", Method>
  >

  export const createMemoryAdapter: (clockToleranceSeconds?: number) => (model: string) => Adapter
}
