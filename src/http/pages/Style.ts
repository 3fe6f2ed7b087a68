/**
 * The stylesheet of every page: light and dark, a phone to a wide screen, from the visitor's own settings.
 *
 * It travels inside the page, which the policy allows by its hash: the page is whole in one answer, and no address
 * serves anything else. It loads nothing, and no rule of it hides what a page says.
 *
 * Buttons that give or take something away are there a moment after the page: not for keys or hands while it is new,
 * nor for a pointer that has just come onto it, as when a window above it closed between the clicks of a double click.
 * That is no decoration, and stays where a visitor wants less motion. Where styles are off, the form itself is too young.
 */
import { ARMING_MILLIS } from "../Forms.ts"

export const style = `
:root {
  color-scheme: light dark;
  --ground: #f3f4f6; --card: #fff; --plate: #f3f4f6; --text: #1a1d23; --quiet: #545b66;
  --line: #d8dce2; --edge: #757d89; --focus: #2447c8; --fault: #a3231b; --fault-ground: #fdf1f0;
  --done: #17663a; --done-ground: #eef8f2; --solid: #2447c8; --on-solid: #fff;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0f1115; --card: #181b21; --plate: #22262e; --text: #e9ebef; --quiet: #abb2bd;
    --line: #323843; --edge: #7f8896; --focus: #9db4ff; --fault: #ffaca5; --fault-ground: #2f1a1a;
    --done: #8fdcae; --done-ground: #14281d; --solid: #9db4ff; --on-solid: #101524;
  }
}
* { box-sizing: border-box }
body {
  margin: 0 auto; padding: 1.25rem 1rem 3rem; max-width: 29rem; background: var(--card); color: var(--text);
  font: 1rem/1.5 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif; overflow-wrap: anywhere;
}
body.wide { max-width: 46rem }
html { background: var(--card) }
header { display: flex; align-items: center; gap: .625rem; margin: 0 0 1.25rem; font-weight: 600; color: var(--quiet) }
header img { flex: none; width: 2rem; height: 2rem; object-fit: contain }
h1, h2, h3, p, ul, dl, dd { margin: 0 }
h1 { font-size: 1.625rem; line-height: 1.25 }
h2 { font-size: 1.125rem; line-height: 1.35 }
h3 { font-size: 1.0625rem; line-height: 1.35 }
main, section, form, li { display: grid; gap: 1rem; grid-template-columns: minmax(0, 1fr); justify-items: start }
main > *, section > * { max-width: 100% }
section { width: 100%; padding-top: .5rem }
.wide section { padding-top: 1.5rem; border-top: 1px solid var(--line) }
ul { padding: 0; list-style: none; display: grid; gap: .625rem; width: 100% }
a { color: var(--focus) }
code { font: .875em/1.5 ui-monospace, "SF Mono", Menlo, Consolas, monospace }
.quiet { color: var(--quiet); font-size: .9375rem }
.name {
  width: 100%; padding: .625rem .875rem; border: 1px solid var(--line); border-radius: .5rem; background: var(--plate);
  font-size: 1.25rem; font-weight: 600; line-height: 1.35; overflow: hidden;
}
.can { padding-inline-start: 1.25rem; gap: .375rem; list-style: disc }
.can li { display: list-item }
.can code, .quiet code { color: var(--quiet) }
dl { display: grid; gap: .75rem; width: 100% }
dt { color: var(--quiet); font-size: .9375rem }
.row { display: flex; flex-wrap: wrap; align-items: center; justify-content: space-between; gap: .5rem 1rem; width: 100% }
.app { padding: 1rem; border: 1px solid var(--line); border-radius: .625rem; gap: .75rem }
.app h3 { flex: 1 1 10rem; min-width: 0; overflow: hidden }
.app dl { gap: .25rem .875rem; grid-template-columns: fit-content(45%) minmax(0, 1fr) }
.app dd { font-size: .9375rem }
label { display: block; font-weight: 600 }
.field { display: grid; gap: .375rem; width: 100% }
input {
  width: 100%; min-height: 2.75rem; padding: .5rem .75rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--edge); border-radius: .5rem;
}
input[aria-invalid] { border-color: var(--fault); border-width: 2px }
button, .button {
  display: inline-block; min-height: 2.75rem; padding: .5rem 1rem; font: inherit; font-weight: 600; color: inherit; background: var(--card);
  border: 1px solid var(--edge); border-radius: .5rem; cursor: pointer; text-align: center; text-decoration: none;
}
button:hover, .button:hover { background: var(--plate) }
form { width: 100% }
form.bare { width: auto }
dl + form { padding-top: 1rem; border-top: 1px solid var(--line) }
.solid, .answers button { color: var(--on-solid); background: var(--solid); border-color: var(--solid) }
.solid { width: 100% }
.solid:hover, .answers button:hover { background: var(--solid); text-decoration: underline; text-underline-offset: .2em }
@keyframes absent { from, to { visibility: hidden } }
@keyframes untouchable { from, to { pointer-events: none; opacity: .5 } }
.answers button, .bare button { animation: absent ${ARMING_MILLIS}ms }
@media (hover: hover) and (pointer: fine) {
  html:hover :is(.answers, .bare) button { animation: absent ${ARMING_MILLIS}ms, untouchable ${ARMING_MILLIS}ms }
}
.answers { display: grid; gap: .75rem; width: 100%; grid-template-columns: repeat(2, minmax(0, 1fr)) }
.answers > * { width: 100% }
.plain { padding-inline: 0; border: 0; background: none; color: var(--focus); text-decoration: underline; font-weight: 400 }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem }
button:focus-visible, .button:focus-visible, input:focus-visible { border-radius: .5rem }
summary { padding: .25rem 0; font-weight: 600; cursor: pointer }
details, #passkey { width: 100% }
details form { padding-top: 1rem }
[role=alert], [role=status] { width: 100%; padding: .75rem .875rem; border-radius: .5rem; border-inline-start: .25rem solid }
.warning { width: 100%; padding: .75rem .875rem; border-radius: .5rem; border: 2px solid var(--fault); font-weight: 600 }
[role=alert] { color: var(--fault); background: var(--fault-ground) }
[role=status] { color: var(--done); background: var(--done-ground) }
@media (min-width: 34rem) {
  html { background: var(--ground) }
  body { padding-top: 3.5rem; background: none }
  main { padding: 2rem; background: var(--card); border: 1px solid var(--line); border-radius: .875rem }
}
`
