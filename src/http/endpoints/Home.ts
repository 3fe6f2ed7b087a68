/** `GET /`: what this is, for whoever opens the issuer in a browser. */
import * as Effect from "effect/Effect"
import type { ProtocolServer } from "../../provider/index.ts"
import type { BrowserFlow } from "../BrowserFlow.ts"
import { baseOf, paths, pathOf, wellKnownPaths } from "../Metadata.ts"
import { homePage } from "../pages/HomePage.ts"
import { failurePage } from "../pages/MessagePage.ts"
import { optional } from "../../provider/features/Form.ts"
import type { Endpoint } from "../../provider/features/Wire.ts"

export const home = ({ settings }: ProtocolServer, flow: BrowserFlow | undefined): Endpoint => {
  const { issuer } = settings
  const metadata = new URL(wellKnownPaths(issuer)[0]!, baseOf(issuer)).href
  const path = pathOf(issuer) + paths.account
  return (request) =>
    (flow?.login.current(request) ?? Effect.undefined).pipe(
      Effect.flatMap((signedIn) =>
        homePage(settings, {
          metadata,
          isSignedIn: signedIn !== undefined,
          ...optional("account", flow && flow.browser.homeOf(request) + path),
        }),
      ),
      Effect.catch((failure) => failurePage(settings, failure)),
    )
}
