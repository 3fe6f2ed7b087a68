/**
 * Asking for a code that a device shows (RFC 8628 3.1, 3.2), and what of the answer can be used.
 *
 * The user is sent where the server says, but only over TLS or to this machine. What the server writes is shown on one
 * line and without control characters, for it ends up in a terminal or on a screen.
 */
import * as protocol from "oauth4webapi"
import { DiscoveryError, TokenError } from "../ClientError.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import type { AuthorizationServer } from "../discovery/ServerMetadata.ts"
import { brief, quoted } from "../ForeignText.ts"
import { member, numberIn, textIn, type Members } from "../LenientReading.ts"
import { requestOptions, type Outbound } from "../Outbound.ts"
import { isSecure } from "../SecureUrl.ts"
import type { StoredClient } from "../storage/TokenStorage.ts"
import { clientAuthentication } from "../tokens/ClientAuthentication.ts"
import { answerOf } from "../tokens/EndpointAnswer.ts"
import { startPolling, type Polling } from "./DevicePolling.ts"
import type { DevicePrompt } from "./DevicePrompt.ts"

/** A device that waits for an answer; the device code is as secret as a token. */
export interface AskedDevice {
  readonly deviceCode: string
  readonly prompt: DevicePrompt
  readonly polling: Polling
}

export interface DeviceAuthorizationRequest {
  readonly discovered: Discovered
  readonly registered: StoredClient
  readonly scopes: ReadonlyArray<string>
  readonly signal?: AbortSignal
}

/** Throws a {@link DiscoveryError} where the server has no place for devices. */
export const checkTakesDevices = ({ issuer, metadata, unusable }: AuthorizationServer): void => {
  if (metadata.device_authorization_endpoint !== undefined) return
  const message = `the server ${quoted(issuer)} takes no devices: log in through a browser`
  throw unusable?.device_authorization_endpoint ?? new DiscoveryError({ code: "device_unsupported", message })
}

/** Asks once; throws a {@link TokenError} that says what went wrong. */
export const askForDevice = async (outbound: Outbound, request: DeviceAuthorizationRequest): Promise<AskedDevice> => {
  const { discovered, registered, scopes, signal } = request
  const { server, resource } = discovered
  const endpoint = `the device authorization endpoint of ${quoted(server.issuer)}`
  const { client } = registered
  const askedAt = outbound.now()
  const members = await answerOf(
    { endpoint, client, secretMember: "device_code" },
    protocol.deviceAuthorizationRequest(
      server.metadata as protocol.AuthorizationServer,
      { client_id: client.client_id },
      clientAuthentication(client, server, outbound),
      { resource, ...(scopes.length === 0 ? {} : { scope: scopes.join(" ") }) },
      requestOptions(outbound.fetch, signal),
    ),
  )
  const asked = readAnswer(server.issuer, askedAt, members)
  if (typeof asked !== "string") return asked
  const message = `${endpoint} answered without a usable ${asked}: tell whoever runs the server`
  throw new TokenError({ code: "response_malformed", message })
}

/** The answer, or the name of the first member that is needed and cannot be used. */
const readAnswer = (issuer: string, askedAt: number, members: Members): AskedDevice | string => {
  const deviceCode = textIn(members["device_code"])
  if (deviceCode === undefined) return "device_code"
  const userCode = textIn(brief(textIn(members["user_code"]) ?? ""))
  if (userCode === undefined) return "user_code"
  // Before RFC 8628 it was an URL, and for some servers it still is.
  const verificationUri = addressIn(members["verification_uri"]) ?? addressIn(members["verification_url"])
  if (verificationUri === undefined) return "verification_uri"
  const interval = numberIn(members["interval"])
  const polling = startPolling(askedAt, interval, numberIn(members["expires_in"]))
  const complete = addressIn(members["verification_uri_complete"])
  return {
    deviceCode,
    polling,
    prompt: {
      userCode,
      verificationUri,
      ...member("verificationUriComplete", complete),
      expiresAt: polling.until,
      issuer,
    },
  }
}

const addressIn = (value: unknown): string | undefined => {
  const url = URL.parse(textIn(value) ?? "")
  return url !== null && isSecure(url) ? url.href : undefined
}
