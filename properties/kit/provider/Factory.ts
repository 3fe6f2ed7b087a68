/**
 * What may be given to be checked: a function or a class that makes providers, or one provider for everything; and which
 * of the two contracts a provider keeps, the ten methods or the MCP TypeScript SDK's.
 *
 * What is neither is said in a sentence. Nothing is called but what makes providers.
 */
import type { OAuthProvider } from "../../../src/provider/index.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { fromSdkProvider, isSdkProvider, missingOfSdk, type HandledProvider, type SdkProvider } from "./SdkProvider.ts"

/** What a provider is made with. */
export interface World {
  /** Milliseconds since the epoch. */
  readonly now: () => number
}

/** A provider of the ten-method contract, or an `OAuthServerProvider` of the MCP TypeScript SDK 1.x. */
export type AnyProvider = OAuthProvider | SdkProvider

/** Makes a fresh provider of the ten-method contract for each try. */
export type ProviderFactory = (world: World) => OAuthProvider | Promise<OAuthProvider>

/** Makes a fresh provider, of either contract, for each try. */
export type AnyFactory = (world: World) => AnyProvider | Promise<AnyProvider>

/** The class of a provider, which is made anew for each try. */
export type ProviderClass = new (world: World) => AnyProvider

/** A provider by itself is the same for every try: what it remembers of one is there in the next. */
export type Checkable = AnyFactory | ProviderClass | AnyProvider

/** The contract, and what a handler does for who keeps the SDK's. */
export type TenMethods = OAuthProvider & Partial<HandledProvider>

/** The ten methods of the contract. */
const methods = [
  "getClient",
  "registerClient",
  "authorize",
  "loadAuthorizationCode",
  "exchangeAuthorizationCode",
  "loadRefreshToken",
  "exchangeRefreshToken",
  "loadAccessToken",
  "verifyToken",
  "revokeToken",
] as const satisfies ReadonlyArray<keyof OAuthProvider>

const missingOfTen = (provider: object): ReadonlyArray<string> =>
  methods.filter((name) => typeof (provider as Readonly<Record<string, unknown>>)[name] !== "function")

/** What keeps it from being a provider of either contract: the methods that it lacks. */
export const missingOf = (made: unknown): ReadonlyArray<string> => {
  const provider: object = Object(made)
  const missing = missingOfTen(provider)
  return missing.length > 0 && isSdkProvider(provider) ? missingOfSdk(provider) : missing
}

/** The provider as ten methods; who has those and the SDK's is taken at the ten. */
export const tenMethodsOf = (made: unknown): TenMethods => {
  const missing = missingOf(made)
  if (missing.length > 0) throw new CannotCheck(`what is made is not a provider: it has no ${missing.join(", no ")}`)
  return missingOfTen(made as object).length === 0 ? (made as OAuthProvider) : fromSdkProvider(made as SdkProvider)
}

const isClass = (given: AnyFactory | ProviderClass): given is ProviderClass => {
  const { prototype } = given as { readonly prototype?: object }
  const isMade =
    prototype !== undefined && ["authorize", "verifyToken", "verifyAccessToken"].some((name) => name in prototype)
  return isMade || /^class\b/.test(Function.prototype.toString.call(given))
}

/** What makes providers, from whatever was given. */
export const factoryOf = (given: Checkable): AnyFactory => {
  if (typeof given !== "function") return () => given
  return isClass(given) ? (world) => new given(world) : given
}

/** What a report calls it. */
export const nameOf = (given: Checkable): string => {
  const name = typeof given === "function" ? given.name : given.constructor.name
  return name === "" || name === "Object" ? "the provider" : name
}
