/** What the grant types read out of token requests. */
import type {
  ExchangeTokenRequest,
  IssueTokenRequest,
  RedeemCodeRequest,
  RedeemDeviceCodeRequest,
  RefreshRequest,
} from "../TokenRequests.ts"

/** What a token request asks for: each is one command of the core. */
export type TokenIntention =
  | ({ readonly _tag: "RedeemCode" } & Omit<RedeemCodeRequest, "credentials" | "jkt">)
  | ({ readonly _tag: "RedeemDeviceCode" } & Omit<RedeemDeviceCodeRequest, "credentials" | "jkt">)
  | ({ readonly _tag: "Refresh" } & Omit<RefreshRequest, "credentials" | "jkt">)
  | ({ readonly _tag: "IssueToken" } & Omit<IssueTokenRequest, "credentials" | "jkt" | "grantType">)
  | ({ readonly _tag: "ExchangeToken" } & Omit<ExchangeTokenRequest, "credentials" | "jkt" | "grantType">)
