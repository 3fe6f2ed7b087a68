/** Where a server is asked, and by whom: all that a load has to know of it. */

/** The resource that every token is for; nobody listens there. */
export const RESOURCE = "http://localhost:9999/mcp"

/** Where codes are sent; nobody listens there either. */
export const REDIRECT_URI = "http://127.0.0.1/callback"

export interface Target {
  /** The Host to say, where that is not where it listens: as a proxy would. */
  readonly host?: string
  readonly authorizationEndpoint: string
  readonly tokenEndpoint: string
  /** A public client. */
  readonly clientId: string
  readonly introspection?: {
    readonly endpoint: string
    readonly credentials: Credentials
    /** A live access token; one of many, where there are many. */
    readonly tokens: ReadonlyArray<string>
  }
  /** A client that asks for tokens of its own. */
  readonly itself?: Credentials
}

export interface Credentials {
  readonly clientId: string
  readonly secret: string
}
