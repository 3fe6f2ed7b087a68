/**
 * The form that a browser fills in with a passkey, and the one script of it, which a page allows by its hash.
 *
 * The script asks the browser by what stands in the form and posts what it says; it keeps nothing and sends nothing by
 * itself. Where scripts do not run, or a browser knows no passkeys, a sentence stands in the form's place.
 */
import { hash } from "node:crypto"
import { html, raw } from "hono/html"
import { FIELD } from "../Forms.ts"
import type { Content } from "./Document.ts"
import { strings } from "./Strings.ts"

const SCRIPT = `
"use strict"
const place = document.getElementById("passkey")
const form = place.querySelector("form")
const fault = place.querySelector("[role=alert]")
const { ceremony, options } = form.dataset
if (globalThis.PublicKeyCredential?.parseRequestOptionsFromJSON !== undefined) {
  place.hidden = false
  document.getElementById("no-passkey")?.remove()
  form.addEventListener("submit", async (submission) => {
    submission.preventDefault()
    fault.hidden = true
    try {
      const asked = JSON.parse(options)
      const credential =
        ceremony === "create"
          ? await navigator.credentials.create({ publicKey: PublicKeyCredential.parseCreationOptionsFromJSON(asked) })
          : await navigator.credentials.get({ publicKey: PublicKeyCredential.parseRequestOptionsFromJSON(asked) })
      form.elements.namedItem("answer").value = JSON.stringify(credential)
      form.submit()
    } catch {
      fault.hidden = false
    }
  })
}
`

/** What the policy of a page with such a form has besides. */
export const passkeyPolicy: ReadonlyArray<string> = [`script-src 'sha256-${hash("sha256", SCRIPT, "base64")}'`]

export interface PasskeyFormView {
  /** The encrypted value of the hidden field. */
  readonly form: string
  /** What the browser is asked, as JSON. */
  readonly options: string
}

interface Frame {
  /** Where it is posted to. */
  readonly action: string
  /** Whether a passkey is made, or one that is there is asked for. */
  readonly ceremony: "create" | "get"
  readonly button: string
  /** What stands above the button. */
  readonly content?: Content
  /** What is said where it cannot be done; nothing where there is another way on the same page. */
  readonly otherwise?: string
}

export const passkeyForm = (
  { form, options }: PasskeyFormView,
  { action, ceremony, button, content, otherwise }: Frame,
): Content => html`<div id="passkey" hidden>
<form method="post" action="${action}" data-ceremony="${ceremony}" data-options="${options}">
<input type="hidden" name="${FIELD}" value="${form}">
<input type="hidden" name="answer" value="">
${content ?? ""}
<p role="alert" hidden>${ceremony === "create" ? strings.passkey.notMade : strings.passkey.notUsed}</p>
<button class="solid">${button}</button>
</form>
</div>
${otherwise === undefined ? "" : html`<p id="no-passkey" role="alert">${otherwise}</p>`}
<script>${raw(SCRIPT)}</script>`
