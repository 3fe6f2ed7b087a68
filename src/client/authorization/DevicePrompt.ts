/**
 * What a program does for a login as a device: it shows somebody a code and where to enter it, and may give up.
 *
 * Types alone: what is asked of which server, and when, is elsewhere.
 */

/** What somebody has to be shown who is to answer for a device (RFC 8628 section 3.3). */
export interface DevicePrompt {
  /** What to enter, as the server writes it: as `WDJB-MJHT`. */
  readonly userCode: string
  /** Where to enter it. */
  readonly verificationUri: string
  /** The same address with the code in it, for a link or a QR code; absent where the server gives none. */
  readonly verificationUriComplete?: string
  /** When the code ends, in milliseconds since the epoch. */
  readonly expiresAt: number
  /** Whose server it is. */
  readonly issuer: string
}

/** How a program logs in as a device, which has no browser. */
export interface DeviceLoginOptions {
  /** Shows the user what to enter where; the server is asked from the moment on that it returns, or resolves. */
  readonly show: (prompt: DevicePrompt) => void | Promise<void>
  /** Gives the login up: it rejects with a `CallbackError` whose code is `cancelled`; default never. */
  readonly signal?: AbortSignal
  /** Waits for so many milliseconds, or rejects when the signal ends it; default the machine's timer. */
  readonly wait?: (millis: number, signal: AbortSignal | undefined) => Promise<void>
}
