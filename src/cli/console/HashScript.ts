/**
 * The console's one script: what is pasted is hashed where it was pasted, and its hash is looked for.
 *
 * The field that is typed into loses its name, so that no submission can carry it, whatever goes wrong here. Its hash, or
 * what is plainly an id or a name, goes into a field of its own. The grant that a token of ours names is an id, and goes along:
 * it tells a token that was altered from one that never was.
 */
export const hashScript = `
"use strict"
const typed = document.getElementById("about")
if (typed !== null && globalThis.crypto?.subtle !== undefined) {
  const form = typed.form
  const named = (name) => {
    const field = document.createElement("input")
    field.type = "hidden"
    field.name = name
    field.disabled = true
    form.append(field)
    return field
  }
  document.getElementById("scripted").hidden = false
  document.getElementById("unscripted").hidden = true
  typed.removeAttribute("name")
  typed.removeAttribute("pattern")
  const about = named("about")
  const names = named("names")
  const isId = (text) =>
    /^([0-9A-Za-z_-]{43}|[0-9a-f]{64}|[0-9A-Za-z]{22}|sub_[0-9A-Za-z]+)$/i.test(text) ||
    (!/gl[arcs]_|^eyJ|[.]eyJ/.test(text) &&
      (/^https:[/][/]/.test(text) || text.split(/[ @]/).every((word) => word.length < 32)))
  const sha256 = async (text) => {
    const bytes = new Uint8Array(await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text)))
    return btoa(String.fromCharCode(...bytes)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "")
  }
  // What looks like an id is shown as it is typed; anything else might be read over a shoulder.
  typed.addEventListener("input", () => typed.classList.toggle("secret", !isId(typed.value.trim())))
  form.addEventListener("submit", async (submission) => {
    submission.preventDefault()
    const text = typed.value.trim().replace(/^bearer +/i, "")
    const grant = /^gl[arc]_([0-9A-Za-z]{22})/.exec(text)
    about.value = isId(text) ? text : await sha256(text)
    about.disabled = false
    names.value = grant === null ? "" : grant[1]
    names.disabled = grant === null
    typed.value = ""
    form.submit()
  })
}
`
