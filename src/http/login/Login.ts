/**
 * Login: who is signed in, and how somebody gets to be. The one thing of the front flow that a host may replace.
 *
 * Consent, the account page and `/authorize` ask it and nobody else. It never decides what a client gets.
 */
import type * as Effect from "effect/Effect"
import type { SubjectId } from "../../core/index.ts"
import type { AccountStanding, AuthorizationServer, Failure } from "../../provider/index.ts"
import type { Browser } from "../Browser.ts"
import type { Forms } from "../Forms.ts"
import type { WireReply, WireRequest } from "../../provider/features/Wire.ts"
import type { LoginDemand } from "./LoginDemand.ts"
import type { PasswordGate } from "./PasswordGate.ts"

/** Somebody who is signed in with a browser. */
export interface SignedIn {
  /** Who it is. */
  readonly subjectId: SubjectId
  /** What the person is shown as their own name. */
  readonly name: string
  /** The account whose password can be changed here; absent where passwords are somebody else's affair. */
  readonly account?: string
  /** When the person last proved to be who they are; milliseconds since the epoch. */
  readonly authenticatedAt: number
  /** How strongly they did, by a name that the login has for it (RFC 9470); absent where that is not known. */
  readonly acr?: string
  /** By which methods (RFC 8176), such as `pwd`; absent where that is not known. */
  readonly amr?: ReadonlyArray<string>
  /** Stands for this session: a form that was shown in it is good in no other. */
  readonly session: string
  /** Stands for the person as long as the password is the same, in whatever session. */
  readonly holder?: string
}

/** A session that has just begun, and the cookies that it takes. */
export interface Begun {
  readonly signedIn: SignedIn
  readonly cookies: ReadonlyArray<string>
}

/** Why somebody is asked to sign in, what for that takes, and where the browser goes afterwards. */
export interface LoginRequest extends LoginDemand {
  /** Where the browser goes when it is signed in: a path of this server with its query. */
  readonly returnTo: string
  /** Who it may be, as the client says. */
  readonly hint?: string
  /** What the app that sent the browser here calls itself, fit to be shown; nobody may have checked it. */
  readonly app?: string
  /** Why somebody who is signed in is asked again, in a sentence. */
  readonly because?: string
}

/** Who is signed in, and how somebody gets to be, in Effect. `ownLogin` makes one of two plain functions. */
export interface Login {
  /** Who is signed in with this browser. Changes nothing. */
  readonly current: (request: WireRequest) => Effect.Effect<SignedIn | undefined, Failure>
  /** What a browser is shown or where it is sent so that somebody signs in, again if somebody is signed in already. */
  readonly ask: (request: WireRequest, asked: LoginRequest) => Effect.Effect<WireReply, Failure>
  /**
   * Whether who is signed in did so on the way to the very page that is asked for. On this machine's own host it is what
   * approving takes, for programs on other ports get the cookies there. Absent where a login cannot tell: then its
   * session approves, and keeping that from others is the host's own affair.
   */
  readonly isSignedInFor?: (request: WireRequest, signedIn: SignedIn) => Effect.Effect<boolean, Failure>
  /**
   * A session anew for who has just given this account another password: whoever had copied the one before is out.
   * `undefined` if the account does not stand as it was seen; absent where sessions are the host's own affair.
   */
  readonly renew?: (request: WireRequest, standing: AccountStanding) => Effect.Effect<Begun | undefined, Failure>
  /** Ends this browser's session and leads on; absent where signing out is the host's own affair. */
  readonly signOut?: (request: WireRequest) => Effect.Effect<WireReply, Failure>
  /** Whether its people may have passkeys, which they add and remove at their account; default `false`. */
  readonly hasPasskeys?: boolean
  /** Pages of its own, by method and path behind the issuer's. */
  readonly endpoints: ReadonlyArray<readonly [method: "GET" | "POST", path: `/login${string}`, endpoint: LoginEndpoint]>
}

/** A page of a login. */
export type LoginEndpoint = (request: WireRequest) => Effect.Effect<WireReply, Failure>

/** What a login is made of: the server it signs people in to, and what keeps browsers, forms and guesses in check. */
export interface LoginParts {
  /** The server that people sign in to. */
  readonly server: AuthorizationServer
  /** What is known of browsers: their cookies and where they are at home. */
  readonly browser: Browser
  /** Forms that only the browser can post that was shown them. */
  readonly forms: Forms
  /** What compares passwords, and how often. */
  readonly passwords: PasswordGate
}

/** Makes a login for a server: what `createHandler` and `nodeListener` take as `login`. */
export type LoginFactory = (parts: LoginParts) => Login
