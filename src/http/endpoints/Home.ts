/** `GET /`: what this is, for whoever opens the issuer in a browser. */
import type { ProtocolServer } from "../../provider/index.ts"
import type { Door } from "../Door.ts"
import { optional } from "../Form.ts"
import { baseOf, paths, wellKnownPaths } from "../Metadata.ts"
import { homePage } from "../pages/HomePage.ts"
import type { Endpoint } from "../Wire.ts"

export const home =
  ({ settings }: ProtocolServer, door: Door | undefined): Endpoint =>
  () =>
    homePage(settings, {
      metadata: new URL(wellKnownPaths(settings.issuer)[0]!, baseOf(settings.issuer)).href,
      ...optional("account", door === undefined ? undefined : baseOf(settings.issuer) + paths.account),
    })
