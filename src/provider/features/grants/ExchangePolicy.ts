/**
 * Who may exchange what (RFC 8693): a function, or rules from a configuration that make one.
 *
 * A policy says yes, under a name that the log keeps, or no. It can leave of a token less than was asked for, never more:
 * what it names beyond the token is not given.
 */
import { includesResource, type AuthorizationDetail } from "../../../protocol/index.ts"
import type { OAuthClientInformationFull } from "../../Records.ts"

/** A token that is presented, as it was verified. */
export interface VerifiedToken {
  /** This server, or the trusted issuer that it is of. */
  readonly issuer: string
  /** The client that it was issued to. */
  readonly clientId?: string
  /** The person that it is about, by this server's id; absent where a client acts for itself. */
  readonly subject?: string
  /** Its scopes. */
  readonly scopes: ReadonlyArray<string>
  /** The resources that it is for. */
  readonly resource: ReadonlyArray<string>
  /** What it allows besides (RFC 9396); absent where that is nothing. */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
  /** Clients and subjects that act, the current one first. */
  readonly actors: ReadonlyArray<string>
  /** Who alone may act further. */
  readonly mayAct?: string
  /** Of a trusted issuer's token: everything it says. */
  readonly claims?: Readonly<Record<string, unknown>>
}

/** What is to be allowed or not. */
export interface ExchangeAsked {
  /** This server. */
  readonly issuer: string
  /** The client that exchanges; it has proven itself. */
  readonly client: OAuthClientInformationFull
  /** The resource that the client is the server of, if it is one. */
  readonly audience?: string
  /** The token whose subject the new one is about. */
  readonly subjectToken: VerifiedToken
  /** By default the client itself acts. */
  readonly actorToken?: VerifiedToken
  /** The scopes that are asked for; by default all of the token. */
  readonly scopes?: ReadonlyArray<string>
  /** The resources that are asked for; by default all of the token. */
  readonly resource?: ReadonlyArray<string>
  /** The authorization details that are asked for; by default all of the token. */
  readonly authorizationDetails?: ReadonlyArray<AuthorizationDetail>
}

/** Why it is allowed, and how much at most. */
export interface ExchangeAllowed {
  /** A name for the log, at most 128 characters. */
  readonly policy: string
  /** Of the token's, these at most. */
  readonly scopes?: ReadonlyArray<string>
  /** Of the token's resources, these at most. */
  readonly resource?: ReadonlyArray<string>
  /** Of the token's authorization details, those of these types at most. */
  readonly detailTypes?: ReadonlyArray<string>
  /** The client that alone may exchange the new token further. */
  readonly mayAct?: string
}

/** `undefined` refuses. */
export type ExchangePolicy = (
  asked: ExchangeAsked,
) => ExchangeAllowed | undefined | Promise<ExchangeAllowed | undefined>

/**
 * The policy by default: a client exchanges its own tokens, those for the resource that it is the server of, and those that
 * name it as who may act.
 */
export const ownTokens: ExchangePolicy = ({ issuer, client, audience, subjectToken }) => {
  const { clientId, resource, mayAct } = subjectToken
  if (mayAct === client.client_id) return { policy: "named by the token" }
  if (subjectToken.issuer !== issuer) return undefined
  if (clientId === client.client_id) return { policy: "own token" }
  return audience !== undefined && includesResource(resource, audience)
    ? { policy: "token for its resource" }
    : undefined
}

/** One thing that is allowed. */
export interface ExchangeRule {
  /** The client that exchanges. */
  readonly client: string
  /** Clients whose tokens it may exchange; any by default. */
  readonly of?: ReadonlyArray<string>
  /** Whose tokens; this server's by default. */
  readonly issuer?: string
  /** What is left of the token at most; by default all. */
  readonly scopes?: ReadonlyArray<string>
  /** The resources that are left of the token at most; by default all. */
  readonly resource?: ReadonlyArray<string>
  /** The types of authorization details that are left of the token at most; by default all. */
  readonly detailTypes?: ReadonlyArray<string>
  /** The client that alone may exchange the new token further. */
  readonly mayAct?: string
  /** What the log calls it; by default the client by its id. */
  readonly name?: string
}

/** What the first of these rules allows that fits; where none does, what is allowed by default. */
export const exchangeRules =
  (rules: ReadonlyArray<ExchangeRule>): ExchangePolicy =>
  (asked) => {
    const { issuer, client, subjectToken } = asked
    const found = rules.find(
      (rule) =>
        rule.client === client.client_id &&
        (rule.issuer ?? issuer) === subjectToken.issuer &&
        (rule.of === undefined || (subjectToken.clientId !== undefined && rule.of.includes(subjectToken.clientId))),
    )
    if (found === undefined) return ownTokens(asked)
    const { name = `rule for ${found.client}`, scopes, resource, detailTypes, mayAct } = found
    return {
      policy: name.slice(0, 128),
      ...(scopes === undefined ? {} : { scopes }),
      ...(resource === undefined ? {} : { resource }),
      ...(detailTypes === undefined ? {} : { detailTypes }),
      ...(mayAct === undefined ? {} : { mayAct }),
    }
  }
