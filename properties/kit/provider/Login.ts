/**
 * From an authorization request to the code: what `authorize` gives is the client's redirect, or a page in between that
 * somebody has to be led through.
 */
import type { OAuthClientInformationFull, OAuthProvider } from "../../../src/provider/index.ts"
import type { GivenCode } from "../../Holder.ts"
import type { OperationOf, Reply } from "../../Operation.ts"
import { challengeOf, mintVerifier } from "../../Secrets.ts"
import { CannotCheck } from "../judging/Obstacles.ts"
import { call, messageOf, Nonsense, refusalIn } from "./Calls.ts"
import { challengeIn, type Manner } from "./Manner.ts"
import type { Words } from "./Words.ts"

/** Follows a login page to where it sends the browser in the end. */
export type Approve = (url: string) => Promise<string>

export const LOOPBACK_URI = "http://127.0.0.1:7653/callback"
export const APP_URI = "https://app.example/callback"
/** Registered for nobody but who comes second. */
export const OTHER_LOOPBACK_URI = "http://127.0.0.1:7653/other"
export const OTHER_APP_URI = "https://app.example/other"

/** Registered for nobody, and like nothing that is. */
export const FOREIGN_URI = "https://elsewhere.example/landing"

/** Longer than it has to be, so that a part of it is well-formed too. */
const mintLongVerifier = (): string => mintVerifier() + mintVerifier()

const LOGIN_PATIENCE_MILLIS = 30_000

/** Resources as a member of a request: a list, or one string for who takes one, as SDKs do. */
export const resourceMember = (
  resources: ReadonlyArray<string> | undefined,
  isOne: boolean,
): { readonly resource?: ReadonlyArray<string> } =>
  resources === undefined ? {} : { resource: isOne ? (resources[0] as unknown as ReadonlyArray<string>) : resources }

const signIn = async (url: string, approve: Approve | undefined): Promise<string> => {
  if (!URL.canParse(url)) throw new Nonsense(`authorize gave \`${url}\`, which is no URL`)
  if (approve !== undefined) {
    return call("approve", () => approve(url), LOGIN_PATIENCE_MILLIS).catch((thrown: unknown) => {
      throw new CannotCheck(`\`approve\` failed: ${messageOf(thrown)}`)
    })
  }
  const { origin, pathname } = new URL(url)
  throw new CannotCheck(
    `authorize leads to a page at \`${origin}${pathname}\`: give \`approve\`, a function that takes its URL through the login to the redirect`,
  )
}

/** What a login takes besides the request; `ask` waits for as long as there is patience. */
interface Way {
  readonly words: Words
  readonly redirectUri: string
  /** Whether a resource is one string. */
  readonly hasOneResource: boolean
  readonly approve?: Approve | undefined
  readonly ask: (method: string, body: () => Promise<string>) => Promise<string>
  readonly manner: Manner | undefined
  /** Where clients wait for codes. */
  readonly registered: ReadonlyArray<string>
  readonly remark: (promise: string, objection: string) => void
}

/** What of a `state` does not survive being pasted together, or being read by another rule than it was written by. */
const mintState = (): string => `${mintVerifier()} &a=b+c%2F`

const remarkOnState = (given: ReadonlyArray<string>, sent: string | undefined, remark: Way["remark"]): void => {
  if (given.length === (sent === undefined ? 0 : 1) && given[0] === sent) return
  const kind = given.length === 0 ? "without the" : sent === undefined ? "with a" : "with another"
  const fault = sent === undefined ? "although none was sent" : "that was sent"
  remark("EveryCallIsAnswered", `authorize leads back to the client ${kind} \`state\` ${fault}`)
}

/** A code that went to a redirect URI which is not registered; nothing where it went home, or nowhere. */
const strayedTo = (location: string, redirectUri: string, registered: ReadonlyArray<string>): string | undefined => {
  const ways = [redirectUri, URL.parse(redirectUri)?.href].filter((way) => way !== undefined)
  const isHome = !redirectUri.includes("?") && registered.includes(location.split("?")[0]!)
  if (isHome || !ways.some((way) => location.startsWith(way))) return undefined
  return URL.parse(location)?.searchParams.get("code") ?? undefined
}

export const logIn = async (
  provider: OAuthProvider,
  client: OAuthClientInformationFull,
  { scopes, resources, redirectUri: where }: OperationOf<"Approve">,
  { words, redirectUri, hasOneResource, approve, ask, manner, registered, remark }: Way,
): Promise<GivenCode | Extract<Reply, { readonly _tag: "Refused" }>> => {
  const verifier = mintLongVerifier()
  const state = manner === "without state" ? undefined : mintState()
  const params = {
    ...(state === undefined ? {} : { state }),
    codeChallenge: challengeIn(manner, challengeOf(verifier)),
    redirectUri,
    redirectUriProvidedExplicitly: true,
    ...(scopes === null ? {} : { scopes: scopes.map(words.theirs) }),
    ...resourceMember(resources?.map(words.theirs), hasOneResource),
  }
  const given = (code: string): GivenCode => ({ code, verifier, redirectUri, scopes })
  const isArrival = (location: string) => location.split("?")[0] === redirectUri
  const first = String(await ask("authorize", () => provider.authorize(client, params)))
  if (where === "unregistered") {
    const code = strayedTo(first, redirectUri, registered)
    return code === undefined ? { _tag: "Refused", error: "access_denied" } : given(code)
  }
  const location = isArrival(first) ? first : await signIn(first, approve)
  if (!isArrival(location)) throw new Nonsense(`the login leads to \`${location.split("?")[0]}\`, not to the client`)
  const { searchParams } = new URL(location)
  remarkOnState(searchParams.getAll("state"), state, remark)
  const code = searchParams.get("code")
  return code === null ? refusalIn({ error: searchParams.get("error") }, "access_denied") : given(code)
}
