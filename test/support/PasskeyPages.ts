/** What a browser does with the passkey form of a page, by hand: reads what is asked, and posts what an authenticator says. */
import type { Authenticator, Wrong } from "./Authenticator.ts"
import { PASSWORD, type Sight, type newBrowser } from "./FrontDoor.ts"

type Browser = ReturnType<typeof newBrowser>

const unescaped = (text: string): string =>
  text
    .replaceAll("&quot;", '"')
    .replaceAll("&#39;", "'")
    .replaceAll("&lt;", "<")
    .replaceAll("&gt;", ">")
    .replaceAll("&amp;", "&")

export interface PasskeyPage {
  readonly action: string
  readonly ceremony: string
  /** What the authenticator is asked, as JSON. */
  readonly options: string
  readonly fields: Readonly<Record<string, string>>
}

/** The passkey form of a page; `undefined` where there is none. */
export const passkeyPageOf = ({ text }: Pick<Sight, "text">): PasskeyPage | undefined => {
  const form =
    /<form method="post" action="([^"]*)" data-ceremony="([^"]*)" data-options="([^"]*)">(.*?)<\/form>/s.exec(text)
  if (form === null) return undefined
  const [, action, ceremony, options, content] = form
  const fields = [...content!.matchAll(/<input[^>]* name="([^"]+)" value="([^"]*)"/g)]
  return {
    action: action!,
    ceremony: ceremony!,
    options: unescaped(options!),
    fields: Object.fromEntries(fields.map(([, name, value]) => [name!, unescaped(value!)])),
  }
}

const required = (page: Sight): PasskeyPage => {
  const found = passkeyPageOf(page)
  if (found === undefined)
    throw new Error(`there is no passkey form on the page: ${page.status} ${page.text.slice(-800)}`)
  return found
}

/** Lets an authenticator fill in the passkey form of a page, and posts it. */
export const answerBy = (
  browser: Browser,
  page: Sight,
  authenticator: Authenticator,
  { wrong = {}, ...more }: { readonly wrong?: Wrong; readonly name?: string } = {},
): Promise<Sight> => {
  const { action, ceremony, options, fields } = required(page)
  const answer = ceremony === "create" ? authenticator.create(options, wrong) : authenticator.get(options, wrong)
  return browser.send("POST", action, { ...fields, ...more, answer })
}

/** Signs in by the password, and adds a passkey at the account. */
export const enrol = async (browser: Browser, authenticator: Authenticator, user = "alice"): Promise<Sight> => {
  const page = await browser.walk("/account/passkeys", user, PASSWORD)
  return browser.follow(await answerBy(browser, page, authenticator, { name: `${user}'s phone` }))
}
