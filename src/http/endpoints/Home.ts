/** `GET /`: what this is, for whoever opens the issuer in a browser. */
import type { ProtocolServer } from "../../provider/index.ts"
import { baseOf, wellKnownPaths } from "../Metadata.ts"
import { homePage } from "../pages/Pages.ts"
import type { Endpoint } from "../Wire.ts"

export const home =
  ({ settings: { issuer } }: ProtocolServer): Endpoint =>
  () =>
    homePage(issuer, [new URL(wellKnownPaths(issuer)[0]!, baseOf(issuer)).href])
