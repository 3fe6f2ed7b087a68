/** Why mutants of Stryker in `src/audit/asof` may live. */
import { at, type Explanation } from "../../Explanation.ts"

export const asOf: ReadonlyArray<Explanation> = [
  {
    why: "for the compiler alone: what is found there is always defined, or has not the members that are looked at next",
    places: [
      at("asof/AskedDigest.ts", 'event._tag === "GrantDenied"', "true"),
      at("asof/Causes.ts", "reused?.event", "reused.event"),
      at("asof/Causes.ts", 'state.client._tag === "Registered"', "true"),
      at("asof/Causes.ts", "disabled?.recordedAt", "disabled.recordedAt"),
      at("asof/GrantAt.ts", "[]", '["Stryker was here"]'),
      at("asof/IntrospectAt.ts", "stateAt === undefined", "false"),
      at("asof/PresentedJwt.ts", "claims === undefined", "false"),
      at(
        "asof/PresentedJwt.ts",
        "grantId === undefined || digest === undefined",
        "grantId === undefined && digest === undefined",
      ),
      at("asof/PresentedJwt.ts", "grantId === undefined", "false"),
      at("asof/PresentedJwt.ts", "digest === undefined", "false"),

      at("asof/Standing.ts", "[]", '["Stryker was here"]'),
      at("asof/Standing.ts", 'state.grant._tag === "Open"', "true"),
      at("asof/Standing.ts", 'state.grant._tag === "Open"', "true"),
      at("asof/StateAt.ts", 'event._tag === "AccessTokenIssued"', "true"),

      at("asof/StreamAt.ts", 'client._tag === "Absent"', "false"),
      at("asof/StreamAt.ts", '"Absent"', '""'),
      at("asof/StreamAt.ts", 'issuer._tag === "Initialized"', "true"),
      at("asof/StreamAt.ts", 'client._tag === "Registered"', "true"),
    ],
  },
  {
    why: "the same: what falls out of the switch, or of the block, gives nothing either",
    places: [
      at("asof/Causes.ts", "default: break", "default:"),
      at("asof/PresentedJwt.ts", "{ return undefined }", "{}"),
    ],
  },
  {
    why: "the same: only a grant that ended by a reuse has an entry that tells of one",
    places: [at("asof/Causes.ts", 'end !== "refresh_token_reused"', "false")],
  },
  {
    why: "the same: no digest, no position and no part of a JWT is such a text, and what has no time to expire is not alive",
    places: [
      at("asof/GrantAt.ts", '""', '"Stryker was here!"'),
      at("asof/GrantAt.ts", '""', '"Stryker was here!"'),
      at("asof/GrantAt.ts", "[]", '["Stryker was here"]'),
      at("asof/PresentedJwt.ts", '""', '"Stryker was here!"'),
      at("asof/PresentedJwt.ts", "[]", '["Stryker was here"]'),
      at("asof/Standing.ts", "[]", '["Stryker was here"]'),
      at("asof/Standing.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same: what is alive has no cause that is looked at",
    places: [
      at("asof/Standing.ts", "[]", '["Stryker was here"]'),
      at("asof/Standing.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same: what is not alive is not told, and of a grant that was never opened, or by an issuer that never began, nothing is alive",
    places: [
      at("asof/IntrospectAt.ts", 'opened === undefined || issuer._tag !== "Initialized"', "false"),
      at(
        "asof/IntrospectAt.ts",
        'opened === undefined || issuer._tag !== "Initialized"',
        'opened === undefined && issuer._tag !== "Initialized"',
      ),
      at("asof/IntrospectAt.ts", "opened === undefined", "false"),
      at("asof/IntrospectAt.ts", 'issuer._tag !== "Initialized"', "false"),
    ],
  },
  {
    why: "the same: there is no grant and no stream of that name, so that nothing is read in vain",
    places: [at("asof/IntrospectAt.ts", "grantId === undefined", "false")],
  },
  {
    why: "the same: what is no refresh token is an access token there",
    places: [at("asof/IntrospectAt.ts", '"access"', '""'), at("asof/PresentedJwt.ts", '"access"', '""')],
  },
  {
    why: "the same: an object has no two members of one name",
    places: [at("asof/PresentedJwt.ts", "a < b", "a <= b")],
  },
  {
    why: "the same: the last entry of a stream is at hand before the index is asked",
    places: [at("asof/GrantAt.ts", "entry.version <= count", "entry.version < count")],
  },
  {
    why: "the same: of a stream of that very length all is read either way",
    places: [at("asof/GrantAt.ts", "count <= extent.whole", "count < extent.whole")],
  },
  {
    why: "never long: a grant without a code has one token and no refresh token, and its stream is read whole",
    places: [at("asof/GrantAt.ts", "grant.code?.redeemedAt", "grant.code.redeemedAt")],
  },
  {
    why: "the same: behind the entry that issued an access token only its end has its digest, and it has one end",
    places: [
      at("asof/GrantAt.ts", 'entry.event._tag !== "AccessTokenRevoked"', "false"),
      at("asof/GrantAt.ts", '"enough"', '""'),
    ],
  },
  {
    why: "the same: where there is no id there is no stream, and no epoch of it",
    places: [at("asof/StateAt.ts", "epoch === null", "false"), at("asof/StateAt.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same state, made anew",
    places: [at("asof/StateAt.ts", "ancestors.length === 0", "false")],
  },
  {
    why: "the same: one more look beyond the end finds nothing",
    places: [at("asof/StreamAt.ts", "high === 0", "false"), at("asof/StreamAt.ts", "at < count", "at <= count")],
  },
]
