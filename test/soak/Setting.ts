/** What every instance of a soak is given, and how each of them is configured. Nothing here outlives a run. */
import type { Config, KeyRingFile } from "../../src/provider/index.ts"

/** Where they all write, and the one key ring that they have. */
export interface Setting {
  readonly url: string
  readonly schema: string
  readonly keys: KeyRingFile
}

/** The one argument of an instance. */
export interface InstanceSetting extends Setting {
  /** By how much its clock is ahead of the machine's. */
  readonly aheadMillis: number
}

/** Nothing dies of age while a run lasts, and no rate is in the way: what ends was ended. */
export const config: Config = {
  issuer: "http://localhost:4000",
  autoApprove: "alice",
  tokenRate: "off",
  registrationRate: "off",
  lifetimes: { code: 600, accessToken: 7200 },
  retryWindow: { public: 600, confidential: 600 },
}

/** What the tokens are for. */
export const RESOURCE = "http://localhost:9999/mcp"
