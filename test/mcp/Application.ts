/** An application's side of the SDKs' contract, both generations', in memory; its browser is one `fetch` that does not follow. */
import type { OAuthClientProvider, OAuthDiscoveryState } from "@modelcontextprotocol/sdk/client/auth.js"
import type { OAuthClientInformationMixed, OAuthTokens } from "@modelcontextprotocol/sdk/shared/auth.js"

export class Application implements OAuthClientProvider {
  readonly redirectUrl: string
  information: OAuthClientInformationMixed | undefined
  registrationCount = 0
  saved: Array<OAuthTokens> = []
  /** Where the browser was sent last. */
  response: URL | undefined
  private verifier = ""
  private discovered: OAuthDiscoveryState | undefined

  constructor(port: number, information?: OAuthClientInformationMixed) {
    this.redirectUrl = `http://127.0.0.1:${port}/callback`
    this.information = information
  }
  get clientMetadata() {
    return {
      client_name: "An MCP client",
      redirect_uris: [this.redirectUrl],
      grant_types: ["authorization_code", "refresh_token"],
      response_types: ["code"],
      token_endpoint_auth_method: "none",
    }
  }
  state() {
    return "state-of-the-application"
  }
  clientInformation() {
    return this.information
  }
  saveClientInformation(information: OAuthClientInformationMixed) {
    this.registrationCount++
    this.information = information
  }
  tokens() {
    return this.saved.at(-1)
  }
  saveTokens(tokens: OAuthTokens) {
    this.saved.push(tokens)
  }
  saveCodeVerifier(verifier: string) {
    this.verifier = verifier
  }
  codeVerifier() {
    return this.verifier
  }
  saveDiscoveryState(discovered: OAuthDiscoveryState) {
    this.discovered = discovered
  }
  discoveryState() {
    return this.discovered
  }
  invalidateCredentials(scope: "all" | "client" | "tokens" | "verifier" | "discovery") {
    if (scope === "all" || scope === "tokens") this.saved = []
    if (scope === "all" || scope === "client") this.information = undefined
    if (scope === "all" || scope === "discovery") this.discovered = undefined
  }
  async redirectToAuthorization(url: URL) {
    const { headers } = await fetch(url, { redirect: "manual" })
    this.response = new URL(headers.get("location")!)
  }
}
