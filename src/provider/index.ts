/** The provider: the server over a store, the ten-method contract, and the adapters between them. */
export { parseScopes, refusals } from "../core/index.ts"
export type { Account, AccountStanding } from "./AccountStanding.ts"
export * from "./Accounts.ts"
export * from "./Authority.ts"
export * from "./AuthorizationServer.ts"
export type { AskingClient } from "./ClientDocuments.ts"
export type { DeviceApproval, DeviceAuthorization, WaitingDevice } from "./Devices.ts"
export * from "./ClientRegistration.ts"
export * from "./Config.ts"
export * from "./ConfigFault.ts"
export {
  isAcr,
  isAmr,
  loginContextOf,
  sessionDigestOf,
  subjectIdOf,
  timeOf,
  type LoginSays,
  type OpenGrantRequest,
} from "./Decoding.ts"
export * from "./Forget.ts"
export * from "./ForgetLedger.ts"
export { CorrelationId, orUnavailable } from "./CommandHandler.ts"
export { requestOf } from "./GrantOperations.ts"
export * from "./InMemoryProvider.ts"
export * from "./KeyFile.ts"
export * from "./Keys.ts"
export * from "./KeysBeside.ts"
export * from "./RingRotation.ts"
export * from "./OAuthError.ts"
export * from "./OAuthProvider.ts"
export * from "./RequestOrigin.ts"
export * from "./Records.ts"
export { redirectWith } from "./RedirectResponse.ts"
export * from "./CarriedValues.ts"
export * from "./Randomness.ts"
export * from "./ServedBy.ts"
export {
  PasskeyName,
  type PasskeyAddition,
  type PasskeyAnswer,
  type PasskeyChallenge,
  type PasskeyFault,
  type PasskeyQuestion,
  type Passkeys,
  type SignedInByPasskey,
} from "./Passkeys.ts"
export type { Passkey } from "./PasskeyRows.ts"
export * from "./Server.ts"
export { accountTable, deviceTable, passkeyTable, sessionTable } from "./AccountTables.ts"
export type { ServerStore } from "./ServerStore.ts"
export type { Session } from "./SessionRows.ts"
export type { SessionLifetimes, Sessions } from "./Sessions.ts"
export * from "./signing/Signature.ts"
export * from "./signing/Signer.ts"
export * from "./signing/SigningKey.ts"
export * from "./signing/SigningKeys.ts"
export * from "./Stores.ts"
export * from "./SubjectKeys.ts"
export { tokenLifetimes } from "./TokenLifetimes.ts"
export { parseToken, digestOf, type AccessTokenId } from "./Token.ts"
export * from "./TokenRequests.ts"
export type { ClientManagement, RegistrationAccess } from "./ClientManagement.ts"
export type { InitialAccessToken } from "./InitialAccess.ts"
export * from "./features/authentication/PrivateKeyJwt.ts"
export { registrationManagement } from "./features/clients/RegistrationManagement.ts"
export type { ClientDocument, ClientReading } from "./features/clients/ClientDocument.ts"
export * from "./features/Feature.ts"
export type { PasskeyFeature, PasskeyPolicy } from "./features/login/PasskeyFeature.ts"
export { PHISHING_RESISTANT, passkeys, type PasskeyOptions } from "./features/login/Passkeys.ts"
export * from "./features/TokenIntention.ts"
export type { IssuedAccessToken } from "./features/IssuedAccessToken.ts"
export {
  clientIdMetadataDocuments,
  type ClientIdMetadataDocumentsOptions,
} from "./features/clients/ClientIdMetadataDocuments.ts"
export { featuresOf, type Features } from "./features/Features.ts"
export {
  authorizationDetails,
  type DetailMember,
  type DetailsTypeOptions,
} from "./features/details/AuthorizationDetails.ts"
export { formPost } from "./features/responses/FormPost.ts"
export { jwtResponses, type SignedResponseOptions } from "./features/responses/Jwt.ts"
export { signedRequests, type SignedRequestOptions } from "./features/requests/Signed.ts"
export { pushedRequests, type PushedRequestOptions } from "./features/requests/Pushed.ts"
export { dpop, type DpopOptions } from "./features/constraints/Dpop.ts"
export { signedIntrospection, type SignedIntrospectionOptions } from "./features/introspection/Signed.ts"
export type { IdTokenHint, OpenIdProvider, SignIn } from "./features/openid/OpenIdProvider.ts"
export { tellLogouts, type BackChannelOptions } from "./features/openid/BackChannelLogout.ts"
export { openId, type OpenIdProviderOptions } from "./features/openid/OpenId.ts"
export { jwtAccessTokens, type JwtAccessTokenOptions } from "./features/tokens/JwtAccessTokens.ts"
export { deviceGrant, type DeviceGrantOptions } from "./features/device/DeviceGrant.ts"
export { exchangeRules } from "./features/grants/ExchangePolicy.ts"
export type {
  ExchangeAllowed,
  ExchangeAsked,
  ExchangePolicy,
  ExchangeRule,
  VerifiedToken,
} from "./features/grants/ExchangePolicy.ts"
export { JWT_BEARER, idJag } from "./features/grants/IdJag.ts"
export type { AssertionAllowed, AssertionPolicy, IdJagOptions, IdentityAssertion } from "./features/grants/IdJag.ts"
export { TOKEN_EXCHANGE, tokenExchange, type TokenExchangeOptions } from "./features/grants/TokenExchange.ts"
export type { TrustedIssuer } from "./features/issuers/TrustedIssuer.ts"
export { FAPI2_CODE_SECONDS, fapi2Features, type Fapi2Options } from "./features/profiles/Fapi2.ts"
export { stepUp, type StepUpOptions } from "./features/login/StepUp.ts"
export { standardFeatures } from "./features/standard.ts"
export * from "./UpstreamName.ts"
export { fromOAuthProvider, providerMethods } from "./fromOAuthProvider.ts"
export { toOAuthProvider, type ApprovalPolicy } from "./toOAuthProvider.ts"
