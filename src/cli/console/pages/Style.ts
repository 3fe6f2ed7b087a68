/**
 * The console's stylesheet: light and dark, 320 pixels to wide, from the visitor's own settings.
 *
 * It travels inside the page and loads nothing. Colour never says what words and shapes do not. What is folded up on a
 * small screen is there on a wide one without a press; a browser that cannot be told so folds it up there as well.
 */
export const style = `
:root {
  color-scheme: light dark;
  --ground: #f2f4f7; --card: #fff; --plate: #f2f4f7; --text: #181c23; --quiet: #525a67; --line: #d7dce4; --edge: #757d89;
  --focus: #2447c8; --solid: #2447c8; --on-solid: #fff;
  --live: #11643a; --live-ground: #e9f6ef; --suspended: #7a4b00; --suspended-ground: #fff4df;
  --spent: #4a5262; --spent-ground: #eceff4; --dead: #565d69; --dead-ground: #eef0f3;
  --stolen: #a11a1f; --stolen-ground: #fdeeed;
}
@media (prefers-color-scheme: dark) {
  :root {
    --ground: #0e1014; --card: #171a20; --plate: #21252d; --text: #e8ebf0; --quiet: #aab2be; --line: #313743; --edge: #7f8896;
    --focus: #9db4ff; --solid: #9db4ff; --on-solid: #10152a;
    --live: #85dba8; --live-ground: #12271b; --suspended: #f0c777; --suspended-ground: #2b2311;
    --spent: #b6bfcd; --spent-ground: #232832; --dead: #a7aebb; --dead-ground: #20242b;
    --stolen: #ffa9a3; --stolen-ground: #331919;
  }
}
* { box-sizing: border-box }
html { background: var(--ground) }
body {
  margin: 0; color: var(--text); overflow-wrap: anywhere;
  font: .9375rem/1.4 system-ui, -apple-system, "Segoe UI", Roboto, sans-serif;
}
h1, h2, h3, p, ul, ol, dl, dd { margin: 0; padding: 0 }
ul, ol { list-style: none }
h1 { font-size: 1.25rem; line-height: 1.3; letter-spacing: -.01em }
h2 { font-size: 1rem; line-height: 1.4 }
h3 { font-size: .8125rem; line-height: 1.4; font-weight: 600; color: var(--quiet) }
a { color: var(--focus); text-underline-offset: .18em }
code, .mono { font: .8125rem/1.4 ui-monospace, "SF Mono", Menlo, Consolas, monospace; word-break: break-all }
.quiet { color: var(--quiet) }
.small { font-size: .8125rem }
.skip { position: absolute; inset-inline-start: -100vw; padding: .5rem 1rem; background: var(--card) }
.skip:focus { inset: .5rem auto auto .5rem; z-index: 1 }
:focus-visible { outline: 3px solid var(--focus); outline-offset: 2px; border-radius: .25rem }
.inner { width: 100%; max-width: 112rem; margin: 0 auto; padding-inline: .75rem }
header { background: var(--card); border-bottom: 1px solid var(--line) }
.bar { display: flex; align-items: center; gap: .25rem .75rem; padding-block: .375rem }
.bar button { min-height: 2rem; padding: .125rem .75rem }
.brand { display: flex; flex: none; align-items: center; gap: .5rem; padding-block: .375rem; font-weight: 650; color: inherit; text-decoration: none }
.bar .issuer { flex: 1 1 4rem; color: var(--quiet); overflow: hidden; white-space: nowrap; text-overflow: ellipsis }
.state, .state dl { display: flex; flex-wrap: wrap; align-items: baseline; gap: .25rem 1.75rem; min-width: 0 }
.state { flex-wrap: nowrap; padding-block: .25rem .375rem; border-top: 1px solid var(--line) }
.state details { flex: 1 1 auto; min-width: 0 }
.state summary { padding-block: .125rem }
.state > a { flex: none; padding-block: .125rem }
.state dl > div { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .5rem; min-width: 0 }
.state dt, .facts dt { color: var(--quiet) }
.state dd { min-width: 0; font-variant-numeric: tabular-nums }
main { display: grid; gap: .5rem; padding-block: .75rem 1rem; grid-template-columns: minmax(0, 1fr) }
.card { display: grid; gap: .625rem; align-content: start; padding: .75rem; background: var(--card); border: 1px solid var(--line); border-radius: .625rem; min-width: 0; grid-template-columns: minmax(0, 1fr) }
.first, .answer, .stack, .beside { display: grid; gap: .375rem; grid-template-columns: minmax(0, 1fr); align-content: start; align-items: start }
.fold { padding-block: 0 }
.fold summary { padding-block: .3125rem; cursor: pointer }
.fold h2 { display: inline }
.folded { display: grid; gap: .625rem; grid-template-columns: minmax(0, 1fr) }
.fold .folded { padding-bottom: .75rem }
label { font-weight: 600 }
input {
  width: 100%; min-width: 0; min-height: 2.5rem; padding: .375rem .75rem; font: inherit; color: inherit; background: var(--card);
  border: 1px solid var(--edge); border-radius: .5rem;
}
input.secret { -webkit-text-security: disc }
input[aria-invalid] { border: 2px solid var(--stolen) }
button, .button {
  display: inline-block; min-height: 2.5rem; padding: .4375rem 1rem; font: inherit; font-weight: 600; color: inherit; background: var(--card);
  border: 1px solid var(--edge); border-radius: .5rem; cursor: pointer; text-decoration: none; white-space: nowrap; flex: none;
}
button:hover, .button:hover { background: var(--plate) }
.solid { color: var(--on-solid); background: var(--solid); border-color: var(--solid) }
.solid:hover { background: var(--solid); text-decoration: underline; text-underline-offset: .2em }
button:focus-visible, .button:focus-visible, input:focus-visible { border-radius: .5rem }
.search { display: grid; gap: .375rem }
.row { display: flex; flex-wrap: wrap; align-items: center; gap: .5rem }
.row input { flex: 1 1 12rem }
.search input { font-family: ui-monospace, "SF Mono", Menlo, Consolas, monospace; font-size: .875rem }
.moment, .moment .folded { display: flex; flex-wrap: wrap; align-items: center; gap: .25rem .75rem }
.moment .folded { gap: .5rem .75rem; padding-block: .375rem }
.moment > p:first-child { flex: 1 1 auto }
.moment summary { padding-block: .125rem; color: var(--focus); cursor: pointer }
.moment > p:first-child, .moment summary, .standing > p:first-child .quiet { font-size: .8125rem }
.moment form { display: flex; flex: 0 1 auto; align-items: center; gap: .5rem }
.moment label { white-space: nowrap }
.moment input { flex: 1 1 14rem; width: 100% }
.moment .links { display: flex; flex-wrap: wrap; gap: .5rem }
.moment .hint { position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%) }
.past { padding: .4375rem .875rem; border: 1px dashed var(--suspended); border-radius: .5rem; color: var(--suspended); background: var(--suspended-ground) }
.facts { display: grid; gap: .125rem 1rem; grid-template-columns: max-content minmax(0, 1fr) }
.fate { display: inline-flex; align-items: center; gap: .375em; font-weight: 650; white-space: nowrap; color: var(--tone) }
.fate svg { flex: none; width: 1em; height: 1em }
.live { --tone: var(--live); --soft: var(--live-ground) } .suspended { --tone: var(--suspended); --soft: var(--suspended-ground) }
.spent { --tone: var(--spent); --soft: var(--spent-ground) } .dead { --tone: var(--dead); --soft: var(--dead-ground) }
.stolen { --tone: var(--stolen); --soft: var(--stolen-ground) }
.chip { padding: .0625rem .5rem; border-radius: 1rem; background: var(--soft) }
.standing { border-inline-start: .375rem solid var(--tone); gap: .5rem }
.standing > p:first-child { display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .625rem }
.standing .fate { font-size: 1.25rem }
.alarm { padding: .375rem .625rem; border-radius: .5rem; color: var(--stolen); background: var(--stolen-ground) }
.tree { display: grid; gap: .25rem; grid-template-columns: minmax(0, 1fr); --mark: 1.5rem }
.tree > li { position: relative; padding-inline-start: var(--mark) }
.tree > li::before { content: ""; position: absolute; inset-block: 0 -.375rem; inset-inline-start: .5625rem; border-inline-start: 2px solid var(--line) }
.tree > li:last-child::before { inset-block-end: auto; height: 2.5rem }
.tree > li.root:last-child::before { height: 1rem }
.tree > li::after { content: ""; position: absolute; top: .375rem; inset-inline-start: .25rem; width: .75rem; height: .75rem; border: 2px solid var(--edge); border-radius: 50%; background: var(--card) }
.tree > li.root::before { top: 1rem }
.tree > li.root::after { top: .6875rem; border-radius: .1875rem; background: var(--edge) }
.tree > li.gap::after { border-style: dotted }
.tree h3 { padding-bottom: .125rem }
.members { display: grid; gap: .25rem; grid-template-columns: minmax(0, 1fr) }
.member { position: relative; display: grid; gap: 0 .75rem; grid-template-columns: minmax(0, 1fr); padding: .1875rem .625rem; border: 1px solid var(--line); border-radius: .5rem }
.member::before { content: ""; position: absolute; top: 1.0625rem; inset-inline-start: calc(.625rem - var(--mark)); width: calc(var(--mark) - .625rem); border-top: 2px solid var(--line) }
.tree > li:last-child .member:not(:last-child)::after { content: ""; position: absolute; top: 1.0625rem; bottom: -1.4375rem; inset-inline-start: calc(.5rem - var(--mark)); border-inline-start: 2px solid var(--line) }
.member.stolen { border: 2px solid var(--stolen); background: var(--stolen-ground) }
.member.live { border-color: var(--live) }
.member.dead, .member.spent { border-style: dashed }
.member .line { display: flex; flex-wrap: wrap; align-items: baseline; justify-content: space-between; gap: 0 .5rem }
.member[aria-current] { outline: 2px solid var(--text); outline-offset: 1px }
.here { padding: 0 .375rem; line-height: 1.5; border-radius: .25rem; color: var(--card); background: var(--text); font-size: .75rem; font-weight: 600 }
.requests { display: grid; gap: .5rem; grid-template-columns: repeat(auto-fill, minmax(min(100%, 25rem), 1fr)); align-items: start }
.request { display: grid; gap: .25rem; padding: .625rem .75rem; border: 1px solid var(--line); border-radius: .5rem; grid-template-columns: minmax(0, 1fr) }
.request.stolen { border: 2px solid var(--stolen); background: var(--stolen-ground) }
.request .head { display: flex; flex-wrap: wrap; justify-content: space-between; gap: 0 .75rem; font-variant-numeric: tabular-nums }
.happenings { display: grid; gap: .25rem }
.happenings li { display: grid; grid-template-columns: minmax(0, 1fr) max-content; gap: 0 .75rem; align-items: baseline }
.happenings .links { display: flex; gap: .75rem; white-space: nowrap }
.happenings a, .told a, .member a { padding-block: .1875rem }
.happenings .theft { font-weight: 650; color: var(--stolen) }
svg circle:not([fill]) { fill: currentColor }
.brand svg { flex: none; color: var(--solid) }
.said::first-letter, .told p:first-child::first-letter { text-transform: uppercase }
.told { display: grid; gap: .5rem }
.told li { padding-inline-start: .75rem; border-inline-start: 2px solid var(--line) }
.commands { display: grid; gap: .625rem }
.commands code { display: block; padding: .375rem .625rem; border-radius: .375rem; background: var(--plate) }
[role=alert] { padding: .75rem .875rem; border-radius: .5rem; border-inline-start: .25rem solid; color: var(--stolen); background: var(--stolen-ground) }
.narrow { max-width: 26rem; margin: 2.5rem auto 0; width: 100%; padding: 1.5rem }
.narrow form { display: grid; gap: 1rem }
.narrow .field { display: grid; gap: .375rem }
@media (min-width: 60rem) {
  body, code, .mono { line-height: 1.5 }
  h1 { font-size: 1.5rem }
  .moment > p:first-child, .standing > p:first-child .quiet { font-size: inherit }
  .inner { padding-inline: 1.5rem }
  main { gap: 1.25rem; padding-block: 1.25rem 3rem }
  .card { padding: 1.125rem 1.25rem; gap: .875rem }
  .fold { padding-block: .625rem }
  .fold .folded { gap: .875rem; padding-block: .25rem .5rem }
  .first, .answer, .stack, .beside { gap: 1.25rem }
  .first, .answer { grid-template-columns: minmax(0, 1fr) minmax(0, 1fr) }
  .answer > :first-child { grid-row: span 2 }
  .beside { grid-template-columns: repeat(auto-fit, minmax(22rem, 1fr)) }
  .search .row { flex-wrap: nowrap }
  .search { grid-template-columns: max-content minmax(0, 1fr); align-items: center; gap: .125rem .875rem }
  .search .note { grid-column: 2 }
  main > search.card { padding-block: .75rem }
}
@media (min-width: 80rem) {
  .first { grid-template-columns: minmax(0, 1fr) minmax(0, 2fr) }
  .answer { grid-template-columns: repeat(3, minmax(0, 1fr)) }
  .answer > :first-child { grid-row: auto }
}
@supports selector(details::details-content) {
  @media (min-width: 60rem) {
    details::details-content { content-visibility: visible }
    .fold summary { list-style: none; pointer-events: none }
    .state summary, .moment summary { display: none }
  }
}
`
