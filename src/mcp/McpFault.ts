/** What goes wrong when an adapter is made: told at once, in a sentence that says what to change. */
import { CodedError, type ErrorParts } from "../protocol/index.ts"

/** Why an adapter cannot be made. */
export type McpFaultCode =
  "sdk_missing" | "resource_invalid" | "resource_unknown" | "verifier_invalid" | "issuer_mismatch" | "sign_in_missing"

/** An adapter that cannot be made; the message says what to change. */
export class McpFault extends CodedError<ErrorParts<McpFaultCode>> {
  override get _tag() {
    return "McpFault" as const
  }
}

/** Loads what an adapter throws; the package is the host's own, an optional peer. */
export const loaded = async <Module>(name: string, load: () => Promise<Module>): Promise<Module> => {
  try {
    return await load()
  } catch (cause) {
    throw new McpFault({ code: "sdk_missing", message: `install \`${name}\`, which this adapter is for`, cause })
  }
}
