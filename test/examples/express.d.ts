/** The little of Express that is used here; it comes without types. */
declare module "express" {
  import type { IncomingMessage, ServerResponse } from "node:http"

  export type Request = IncomingMessage & { readonly originalUrl: string; body?: unknown }
  export type Response = ServerResponse & {
    readonly json: (body: unknown) => void
    readonly redirect: (status: number, url: string) => void
  }
  export type RequestHandler = (request: Request, response: Response, next: (error?: unknown) => void) => unknown
  /** One path or several, or none at all, and handlers. */
  type Add = (...parts: ReadonlyArray<string | ReadonlyArray<string> | RequestHandler>) => void
  export interface Express {
    (request: IncomingMessage, response: ServerResponse): void
    readonly use: Add
    readonly all: Add
    readonly get: Add
    readonly post: Add
    readonly listen: (port: number) => unknown
  }
  export type Router = RequestHandler
  /** What puts a body into `request.body`. */
  type Parser = (options?: { readonly type?: string; readonly extended?: boolean }) => RequestHandler
  const express: {
    (): Express
    readonly json: Parser
    readonly urlencoded: Parser
    readonly text: Parser
    readonly raw: Parser
  }
  export default express
}
