/** `GET /`: what this is, for whoever opens the issuer in a browser. */
import type { ProtocolServerShape } from "../../provider/index.ts"
import { baseOf, wellKnownPaths } from "../Metadata.ts"
import { homePage } from "../pages/Pages.ts"
import type { Endpoint } from "../Wire.ts"

export const home =
  ({ settings: { issuer } }: ProtocolServerShape): Endpoint =>
  () =>
    homePage(issuer, [new URL(wellKnownPaths(issuer)[0]!, baseOf(issuer)).href])
