/**
 * A login without a browser on this machine (RFC 8628): the user is shown a code and where to enter it, and the server is
 * asked until somebody has answered there.
 *
 * What is asked when is decided in `DevicePolling.ts`. A server that cannot be reached for a while ends no login; what it
 * says for good does, and so does the end of the code, or the program's own signal. The device code is sent to the server
 * that gave it and shown to nobody.
 */
import { setTimeout as sleep } from "node:timers/promises"
import { AuthorizationError, CallbackError, isOAuthClientError, TokenError } from "../ClientError.ts"
import type { Discovered } from "../discovery/Discovery.ts"
import { quoted } from "../ForeignText.ts"
import { member } from "../LenientReading.ts"
import type { Registered } from "../registration/Registration.ts"
import type { StoredTokens } from "../storage/TokenStorage.ts"
import { redeemDeviceCode, type DeviceTokenRequest } from "../tokens/TokenRequest.ts"
import { askForDevice, checkTakesDevices, type AskedDevice } from "./DeviceAuthorization.ts"
import { afterAnswer, nextWait, type PollAnswer } from "./DevicePolling.ts"
import type { DeviceLoginOptions } from "./DevicePrompt.ts"
import { clientFor, keyOf, scopesFor, storeLogin, type Asking } from "./Login.ts"
import { isStale } from "./LoginFlow.ts"

export interface DeviceLoginRequest extends Asking {
  readonly discover: () => Promise<Discovered>
}

/** Logs in; throws an `OAuthClientError` that says what the user can do. */
export const deviceLogin = async (request: DeviceLoginRequest, device: DeviceLoginOptions): Promise<StoredTokens> => {
  const { signal } = device
  try {
    signal?.throwIfAborted()
    const discovered = await request.discover()
    checkTakesDevices(discovered.server)
    const asked = await begin(request, discovered, signal)
    signal?.throwIfAborted()
    await device.show(asked.prompt)
    const tokens = await poll(request, device, asked)
    await storeLogin(request.storage, asked.registered, tokens)
    return tokens
  } catch (cause) {
    if (signal?.aborted !== true) throw cause
    const message = "the login was given up before somebody answered for this device"
    throw new CallbackError({ code: "cancelled", message, cause })
  }
}

/** A device that waits, with everything that its questions need. */
type Begun = AskedDevice & DeviceTokenRequest & { readonly registered: Registered }

/** Finds the client and asks for a code; a server that forgot the client is asked once more with a fresh registration. */
const begin = async (
  request: DeviceLoginRequest,
  discovered: Discovered,
  signal: AbortSignal | undefined,
): Promise<Begun> => {
  const scopes = scopesFor(request, discovered)
  const proofKey = await keyOf(request, discovered)
  const as = async (registered: Registered): Promise<Begun> => {
    const about = { discovered, registered, scopes, ...member("signal", signal) }
    return { ...about, ...proofKey, ...(await askForDevice(request.settings.outbound, about)) }
  }
  const client = (mustBeFresh: boolean) => clientFor(request, { _tag: "Device" }, { discovered, mustBeFresh })
  const registered = await client(false)
  try {
    return await as(registered)
  } catch (error) {
    if (!isOAuthClientError(error) || !isStale(error, registered)) throw error
    return as(await client(true))
  }
}

const poll = async (
  { settings }: DeviceLoginRequest,
  { signal, wait = machineTimer }: DeviceLoginOptions,
  { polling: started, ...asked }: Begun,
): Promise<StoredTokens> => {
  const { outbound } = settings
  let polling = started
  for (;;) {
    const millis = nextWait(polling, outbound.now())
    if (millis === undefined) throw outOfTime()
    await wait(millis, signal)
    signal?.throwIfAborted()
    try {
      return await redeemDeviceCode(outbound, asked)
    } catch (error) {
      if (!(error instanceof TokenError)) throw error
      polling = afterAnswer(polling, pollAnswer(error, asked.prompt.issuer))
    }
  }
}

const machineTimer = async (millis: number, signal: AbortSignal | undefined): Promise<void> => {
  await sleep(millis, undefined, { signal })
}

/** What a refusal means for who waits; throws where it is the last word (RFC 8628 3.5). */
const pollAnswer = (fault: TokenError, issuer: string): PollAnswer => {
  switch (fault.error) {
    case "authorization_pending":
      return { _tag: "Pending" }
    case "slow_down":
      return { _tag: "TooFast" }
    case "expired_token":
      throw outOfTime(fault)
    case "access_denied": {
      const message = `${quoted(issuer)} says that somebody said no to this device: to go on, log in and allow it`
      throw new AuthorizationError({ code: "refused", error: fault.error, message, cause: fault })
    }
    default:
      if (fault.code !== "server_unavailable") throw fault
      return { _tag: "Unreachable", retryAfterSeconds: fault.retryAfterSeconds }
  }
}

const outOfTime = (cause?: TokenError): CallbackError =>
  new CallbackError({
    code: "timed_out",
    message: "nobody answered for this device before its code ended: start again",
    ...member("cause", cause),
  })
