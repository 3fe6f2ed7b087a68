/** The pages there are: what this server is, that a request cannot be served, that there is no login yet. */
import { html } from "hono/html"
import { Effect } from "effect"
import type { WireReply } from "../Wire.ts"
import { page, type Content } from "./Page.ts"

const effect = (status: number, title: string, content: Content): Effect.Effect<WireReply> =>
  Effect.promise(() => page(status, title, content))

/** An authorization request that is answered here, for nobody can be sent back. `back` is a link the visitor may follow. */
export const errorPage = (status: number, description: string, back?: string): Effect.Effect<WireReply> =>
  effect(
    status,
    "This request cannot be served",
    html`<p>${description}</p>
${back === undefined ? html`<p>Go back to the application and try again from there.</p>` : html`<p><a href="${back}">Back to the application</a></p>`}`,
  )

export const loginUnavailablePage = (): Effect.Effect<WireReply> =>
  effect(
    501,
    "No way to sign in yet",
    html`<p>This server has no login page yet. For development, start it with <code>--auto-approve NAME</code> on a
loopback issuer, and use a loopback redirect URI.</p>`,
  )

export const homePage = (issuer: string, links: ReadonlyArray<string>): Effect.Effect<WireReply> =>
  effect(
    200,
    "grantlog",
    html`<p>An OAuth 2.1 authorization server. Its issuer is <code>${issuer}</code>.</p>
<ul>${links.map((link) => html`<li><a href="${link}">${link}</a></li>`)}</ul>`,
  )
