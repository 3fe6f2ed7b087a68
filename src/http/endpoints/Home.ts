/** `GET /`: what this is, for whoever opens the issuer in a browser. */
import type { ProtocolServer } from "../../provider/index.ts"
import { baseOf, wellKnownPaths } from "../Metadata.ts"
import { homePage } from "../pages/HomePage.ts"
import type { Endpoint } from "../Wire.ts"

export const home =
  ({ settings }: ProtocolServer): Endpoint =>
  () =>
    homePage(settings, [new URL(wellKnownPaths(settings.issuer)[0]!, baseOf(settings.issuer)).href])
