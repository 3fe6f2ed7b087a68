/** Style and script of the page: small, without network, and hashed into its policy as they stand here. */

export const style = [
  ":root{color-scheme:light dark}",
  "body{font:1rem/1.45 system-ui,sans-serif;margin:1.5rem;background:Canvas;color:CanvasText}",
  "form{display:flex;flex-wrap:wrap;gap:.75rem 1.25rem;align-items:end;position:sticky;top:0;background:Canvas;padding:.75rem 0;z-index:1}",
  "form[hidden]{display:none}",
  "label{display:flex;flex-direction:column;font-size:.85rem}",
  "input,select{font:inherit;padding:.25rem .4rem}",
  "input[type=search]{min-width:18rem}",
  "select{max-width:16rem}",
  ".wide{overflow-x:auto}",
  "table{border-collapse:collapse;width:100%;margin:1rem 0 2.5rem}",
  "#requirements{table-layout:fixed;min-width:60rem}",
  ...[16, 24, 11, 18, 24, 7].map((width, index) => `#requirements th:nth-child(${index + 1}){width:${width}%}`),
  "tbody tr,table{scroll-margin-top:6rem}",
  "nav{margin:.5rem 0}",
  "summary{cursor:pointer}",
  "dl{display:grid;grid-template-columns:max-content 1fr;gap:.25rem 1rem;max-width:60rem}",
  "dt{font-weight:600}",
  "dd{margin:0}",
  "#attacks td:nth-child(2){width:32%}",
  "td:last-child{white-space:nowrap}",
  "caption{text-align:left;font-weight:600;font-size:1.15rem;padding:.5rem 0}",
  "caption{position:sticky;left:0}",
  "th,td{text-align:left;vertical-align:top;padding:.4rem .6rem;border-bottom:1px solid light-dark(#ccc,#444);font-weight:normal}",
  "thead th{font-weight:600}",
  "th small,td small{display:block;opacity:.75}",
  "th[scope=row] a{overflow-wrap:anywhere}",
  "td div+div{margin-top:.3rem}",
  "code{font-size:.85em;overflow-wrap:anywhere}",
  "tr:target{background:light-dark(#fff3c4,#4a3f10)}",
  ".broken{font-weight:700;color:light-dark(#a00,#f88)}",
  ":focus-visible{outline:3px solid light-dark(#06c,#8bf);outline-offset:1px}",
].join("")

/**
 * Shows the rows that have all the words, in any order, and the chosen standing, verdict, document and priority; of the
 * attacks those that have all the words. Where words are searched, what is folded is opened. A link to a row that is
 * filtered away clears the filters.
 */
export const script = `
"use strict"
const form = document.getElementById("filters")
const words = document.getElementById("words")
const choices = ["standing", "verdict", "document", "priority"].map((name) => document.getElementById(name))
const rowsOf = (table) =>
  [...document.querySelectorAll("#" + table + " tbody tr")].map((row) => ({ row, text: row.textContent.toLowerCase() }))
const rows = rowsOf("requirements")
const attacks = rowsOf("attacks")
const show = () => {
  const wanted = words.value.toLowerCase().split(/\\s+/).filter((word) => word !== "")
  const has = (text) => wanted.every((word) => text.includes(word))
  let count = 0
  for (const { row, text } of rows) {
    const isShown = has(text) && choices.every(({ id, value }) => value === "" || row.dataset[id] === value)
    row.hidden = !isShown
    if (isShown) count += 1
  }
  for (const { row, text } of attacks) row.hidden = !has(text)
  for (const folded of document.querySelectorAll("td details")) folded.open = wanted.length > 0
  document.getElementById("shown").textContent = count + " of " + rows.length
}
const reveal = () => {
  const row = document.getElementById(decodeURIComponent(location.hash.slice(1)))
  if (row === null || !row.hidden) return
  form.reset()
  show()
  row.scrollIntoView()
}
addEventListener("hashchange", reveal)
form.addEventListener("input", show)
form.addEventListener("submit", (event) => event.preventDefault())
form.hidden = false
show()
`
