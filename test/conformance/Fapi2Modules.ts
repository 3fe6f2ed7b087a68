/**
 * The modules of the OpenID Foundation's suites for FAPI 2.0 that apply to plain FAPI with `private_key_jwt` and DPoP, and
 * the test of ours that has the same idea, in our own words. The suites themselves are run from outside this repository.
 *
 * Names are those of the conformance suite at commit 12f2a4da of August 2026, without their common beginning; those of
 * national profiles are left out.
 */
import type { Row, Tried } from "./Judges.ts"

/** `profile`: all plans; `openid`: only with OpenID Connect; `signing`: only with message signing. */
type Plan = "profile" | "openid" | "signing"

export interface Fapi2Module {
  readonly name: string
  readonly plan: Plan
  /** Whether it applies where a client acts for itself alone. */
  readonly isForClientCredentials?: boolean
  readonly tried?: Tried
  /** Why no test has its idea. */
  readonly because?: string
}

const FIRST = "test/provider/features/profiles/Fapi2.test.ts"
const MORE = "test/provider/features/profiles/Fapi2Modules.test.ts"
const PROOFS = "test/resource/Proofs.test.ts"

const of = (plan: Plan, name: string, path: string, ...titles: ReadonlyArray<string>): Fapi2Module => ({
  name,
  plan,
  tried: { path, titles },
})

const forAll = (name: string, path: string, ...titles: ReadonlyArray<string>): Fapi2Module => ({
  ...of("profile", name, path, ...titles),
  isForClientCredentials: true,
})

const withOpenId = (name: string, because = "the OpenID layer is no part of the profile here"): Fapi2Module => ({
  name,
  plan: "openid",
  because,
})

const LOGIN = "logs in and refreshes, with tokens that are bound to its key"
const NO_ASSERTION = "takes no assertion that is for %s"
const NO_PUSH = "refuses a pushed request %s"
const OWN_PROOF = "and not %s"
const BOUND = "when the request is pushed, or its thumbprint in the request, binds the code to that key"
const OFF = "may be %d seconds off, at both endpoints"
const NO_OBJECT = "is refused: one %s"
const SIGNED = "is signed by its own client: not by another, not by nobody, and nothing in it was changed"
const CLOCKS = "takes assertions of clocks up to 10 seconds ahead, and none of a minute ahead"
const ALL_THERE_IS = "is all there is: what stands beside it, or beside its reference, counts for nothing"
const SPENT = "spends a code once, and lets it go after a minute"
const OTHER_KEY = "issues no token without a proof of possession, or with the one of another key than was asked for"
const OPENED = "may be opened before anybody signed in, again, and then be answered; or be denied"
const ONCE = "lets a request be opened twice, by nobody else, and answers it once"

export const fapi2Modules: ReadonlyArray<Fapi2Module> = [
  forAll("happy-flow", FIRST, LOGIN),
  forAll("discovery-end-point-verification", FIRST, "says in its metadata what it asks for, and offers nothing else"),
  forAll("access-token-type-header-case-sensitivity", "test/resource/BearerToken.test.ts", "`%s` is read as %o"),
  forAll("check-dpop-proof-nbf-exp", MORE, "may say from when and until when it holds"),
  forAll(
    "dpop-negative-tests",
    PROOFS,
    "lets in who proves the key of the token for this very request: RFC9449-7.1-rs-all-checks",
    "lets nobody use a bound token as a bearer's, or a bearer's with a proof: RFC9449-7.2-no-bearer-downgrade",
    "takes each proof once, of eight that come at once too: RFC9449-11.1-replay-window",
  ),
  forAll("ensure-client-assertion-in-token-endpoint", MORE, OWN_PROOF),
  forAll("ensure-client-assertion-with-exp-is-5-minutes-in-past-fails", MORE, OWN_PROOF),
  forAll("ensure-client-assertion-with-no-sub-fails", MORE, OWN_PROOF),
  forAll("ensure-client-assertion-with-wrong-aud-fails", MORE, OWN_PROOF),
  forAll("ensure-signed-client-assertion-with-RS256-fails", MORE, "and not by RS256"),
  forAll("ensure-client-id-in-token-endpoint", MORE, "and not beside the name of another client"),
  forAll("ensure-dpopproof-with-iat-10seconds-after-succeeds", MORE, OFF),
  forAll("ensure-dpopproof-with-iat-10seconds-before-succeeds", MORE, OFF),
  forAll("ensure-holder-of-key-required", FIRST, OTHER_KEY),

  of("profile", "attempt-reuse-authorization-code-after-one-second", FIRST, SPENT),
  of("profile", "ensure-token-endpoint-fails-with-expired-auth-code", FIRST, SPENT),
  of("profile", "ensure-authorization-code-is-bound-to-client", MORE, "for its own code alone"),
  of(
    "profile",
    "ensure-authorization-request-with-long-state",
    MORE,
    "gets a state of a thousand characters back as it was",
  ),
  of("profile", "ensure-authorization-request-without-state-success", MORE, "gets no state back where it sent none"),
  of("profile", "ensure-different-state-inside-and-outside-request-object", MORE, ALL_THERE_IS),
  of("profile", "state-only-outside-request-object-not-used", MORE, ALL_THERE_IS),
  of("profile", "ensure-dpop-auth-code-binding-success", MORE, BOUND),
  of("profile", "ensure-dpopproof-at-par-endpoint-binding-success", MORE, BOUND),
  of(
    "profile",
    "ensure-mismatched-dpop-jkt-fails",
    MORE,
    "is refused when the request is pushed with the thumbprint of another key",
  ),
  of("profile", "ensure-token-endpoint-fails-with-mismatched-dpop-jkt", FIRST, OTHER_KEY),
  of("profile", "ensure-token-endpoint-fails-with-mismatched-dpop-proof-jkt", MORE, BOUND),
  of("profile", "ensure-redirect-uri-in-authorization-request", FIRST, NO_PUSH),
  of("profile", "ensure-request-object-without-redirect-uri-fails", MORE, NO_OBJECT),
  of("profile", "plain-fapi-tolerate-unregistered-redirect-uri", FIRST, NO_PUSH),
  of("profile", "ensure-response-type-code-idtoken-fails", FIRST, NO_PUSH),
  of("profile", "ensure-response-type-token-fails", FIRST, NO_PUSH),
  of(
    "profile",
    "ensure-unsigned-authorization-request-without-using-par-fails",
    FIRST,
    "judges no request that was not pushed",
  ),
  of("profile", "par-attempt-reuse-request_uri", FIRST, ONCE),
  of("profile", "par-attempt-to-use-expired-request_uri", MORE, "cannot be opened when its time is over"),
  of("profile", "par-attempt-to-use-request_uri-for-different-client", FIRST, ONCE),
  of("profile", "par-attempt-invalid-http-method", MORE, "is pushed by POST alone"),
  of("profile", "par-authorization-request-containing-request_uri-form-param", FIRST, NO_PUSH),
  of("profile", "par-ensure-reused-request-uri-prior-to-auth-completion-succeeds", MORE, OPENED),
  of("profile", "par-without-duplicate-parameters", FIRST, LOGIN),
  of("profile", "par-test-array-as-audience-fails", FIRST, NO_ASSERTION),
  of("profile", "par-test-par-endpoint-url-as-audience-fails", FIRST, NO_ASSERTION),
  of("profile", "par-test-token-endpoint-url-as-audience-fails", FIRST, NO_ASSERTION),
  of("profile", "par-ensure-jwt-client-assertions-nbf-8-seconds-in-the-future-is-accepted", FIRST, CLOCKS),
  of("profile", "par-ensure-jwt-client-assertions-nbf-over-60-seconds-in-the-future-fails", FIRST, CLOCKS),
  of("profile", "par-ensure-pkce-required", FIRST, NO_PUSH),
  of("profile", "par-plain-pkce-rejected", FIRST, NO_PUSH),
  of("profile", "ensure-pkce-code-verifier-required", MORE, "and redeems nothing %s"),
  of("profile", "incorrect-pkce-code-verifier-rejected", MORE, "and redeems nothing %s"),
  of("profile", "refresh-token", MORE, "and refreshes its own tokens alone, each time by an assertion and a proof"),
  of("profile", "user-rejects-authentication", MORE, OPENED),

  of("openid", "ensure-other-scope-order-succeeds", MORE, "may name its scopes in any order"),
  withOpenId("ensure-authorization-request-with-64-char-nonce-success"),
  withOpenId("ensure-authorization-request-with-long-nonce"),
  withOpenId("ensure-authorization-request-without-nonce-success"),
  withOpenId("ensure-different-nonce-inside-and-outside-request-object"),
  withOpenId(
    "test-claims-parameter-identity-claims",
    "the claims parameter is not offered, and the module is left out where it is not",
  ),

  of("signing", "ensure-expired-request-object-fails", MORE, NO_OBJECT),
  of("signing", "ensure-request-object-with-exp-over-60-fails", MORE, NO_OBJECT),
  of("signing", "ensure-request-object-with-nbf-over-60-fails", MORE, NO_OBJECT),
  of("signing", "par-authorization-request-containing-request_uri", MORE, NO_OBJECT),
  of(
    "signing",
    "ensure-request-object-with-nbf-8-seconds-in-the-future-is-accepted",
    MORE,
    "is taken that begins to hold in eight seconds, and one for several servers, this among them",
  ),
  of(
    "signing",
    "ensure-request-object-with-multiple-aud-succeeds",
    MORE,
    "is taken that begins to hold in eight seconds, and one for several servers, this among them",
  ),
  of("signing", "ensure-request-object-with-bad-aud-fails", FIRST, "refuses a request object %s"),
  of("signing", "ensure-request-object-without-exp-fails", FIRST, "refuses a request object %s"),
  of("signing", "ensure-request-object-without-nbf-fails", FIRST, "refuses a request object %s"),
  of("signing", "ensure-signed-request-object-with-RS256-fails", FIRST, "takes no request object by RS256"),
  of("signing", "ensure-request-object-signature-algorithm-is-not-none", MORE, SIGNED),
  of("signing", "ensure-request-object-with-invalid-signature-fails", MORE, SIGNED),
  of("signing", "ensure-matching-key-in-authorization-request", MORE, SIGNED),
  of(
    "signing",
    "ensure-unsigned-request-at-par-endpoint-fails",
    FIRST,
    "refuses a request that is not signed, where all are to be",
  ),
]

const rowOf = (what: string, modules: ReadonlyArray<Fapi2Module>): Row => ({
  judge: "OpenID Foundation's modules",
  what: `${what}, ${modules.length} modules`,
  tried: modules.flatMap(({ tried }) => (tried === undefined ? [] : [tried])),
  leftOut: modules.flatMap(({ name, because }) => (because === undefined ? [] : [`${name}: ${because}`])),
})

export const fapi2Rows: ReadonlyArray<Row> = [
  rowOf(
    "FAPI 2.0 Security Profile, plain OAuth",
    fapi2Modules.filter(({ plan }) => plan === "profile"),
  ),
  rowOf(
    "FAPI 2.0 Security Profile, OpenID Connect",
    fapi2Modules.filter(({ plan }) => plan !== "signing"),
  ),
  rowOf(
    "FAPI 2.0 Security Profile, client credentials",
    fapi2Modules.filter(({ isForClientCredentials }) => isForClientCredentials === true),
  ),
  rowOf(
    "FAPI 2.0 Message Signing",
    fapi2Modules.filter(({ plan }) => plan !== "openid"),
  ),
]
