/** OAuth's own words, as plain functions and types: no Effect, no I/O, no clock, nothing of Node. */
export * from "./BoundedText.ts"
export type * from "./ErrorCode.ts"
export * from "./Loopback.ts"
export * from "./RedirectUri.ts"
export * from "./Resource.ts"
export * from "./Scope.ts"
export * from "./SecureAddress.ts"
export * from "./Uri.ts"
