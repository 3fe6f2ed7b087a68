/**
 * A grant type of one's own, in one file: a ticket from the box office, signed with a key that both know, is good for one
 * token for its holder.
 *
 * The ticket names the holder and a number. It is shown in a header of its own, and is used up in the transaction that
 * issues the token, so that of two who show it at once one is refused.
 */
import { createHmac, timingSafeEqual } from "node:crypto"
import { OAuthError, type GrantType } from "../../../src/entry/grantlog.ts"

export const TICKET_GRANT = "urn:example:grant-type:ticket"

/** How long the number of a ticket is remembered. */
const REMEMBERED_MILLIS = 24 * 3_600_000

interface Ticket {
  readonly number: string
  readonly holder: string
  /** Milliseconds since the epoch. */
  readonly goodUntil: number
}

const sealOf = (content: string, key: string): Buffer => createHmac("sha256", key).update(content).digest()

/** A ticket, as the box office hands it out. */
export const ticketOf = (ticket: Ticket, key: string): string => {
  const content = Buffer.from(JSON.stringify(ticket)).toString("base64url")
  return `${content}.${sealOf(content, key).toString("base64url")}`
}

const readTicket = (text: string, key: string): Ticket | undefined => {
  const [content = "", seal = ""] = text.split(".")
  const [right, given] = [sealOf(content, key), Buffer.from(seal, "base64url")]
  if (given.length !== right.length || !timingSafeEqual(given, right)) return undefined
  return JSON.parse(Buffer.from(content, "base64url").toString("utf8")) as Ticket
}

const refused = (error_description: string) =>
  new OAuthError({ error: "invalid_grant", description: error_description })

/** The grant type of a server whose box office signs with `key`. */
export const ticketGrant = (key: string): GrantType => ({
  kind: "grant type",
  name: TICKET_GRANT,
  metadata: () => ({ ticket_header: "x-ticket" }),
  registrationFault: ({ token_endpoint_auth_method: method }) =>
    method === "none" ? `a client that uses ${TICKET_GRANT} needs a secret` : undefined,
  read: (request, form, _caller, context) => {
    const text = request.headers["x-ticket"]
    if (text === undefined) return new OAuthError({ error: "invalid_request", description: "X-Ticket is missing" })
    const ticket = readTicket(text, key)
    const now = context.now()
    if (ticket === undefined || now >= ticket.goodUntil) return refused("the ticket is none, or its time is over")
    const [scopes, resource] = [form.get("scope")?.split(" "), form.list("resource")]
    return {
      _tag: "IssueToken",
      basis: { _tag: "Policy", subjectId: ticket.holder, approvedAt: now, policy: "box office" },
      ...(scopes === undefined ? {} : { scopes }),
      ...(resource === undefined ? {} : { resource }),
      claims: [
        {
          key: `${TICKET_GRANT} ${ticket.number}`,
          until: now + REMEMBERED_MILLIS,
          refusal: refused("the ticket was used before"),
        },
      ],
    }
  },
})
