/**
 * How a check ends: what is shown of its report, and whether that is well, with 1 when something is broken, or with 2 when
 * nothing can be relied on or too little was tried. A sentence says why it does not end well.
 */
import { renderStories } from "../../../properties/kit/render/Story.ts"
import { renderTable, verdictCounts } from "../../../properties/kit/render/Table.ts"
import type { KitReport } from "../../../properties/kit/Report.ts"
import { CommandFault, UsageFault } from "../Failure.ts"
import { isColoured, terminalWidth } from "../Terminal.ts"

export const shown = (report: KitReport): string => {
  const table = renderTable(report, { isColored: isColoured(), width: terminalWidth() })
  return [table, ...renderStories(report)].join("\n\n")
}

export const faultOf = (report: KitReport): CommandFault | UsageFault | undefined => {
  const unreliable = (message: string) => new UsageFault({ message })
  if (report.failure !== undefined) return unreliable(report.failure)
  const { kept, limited, broken } = verdictCounts(report)
  const heldCount = kept + limited
  if (broken > 0) return new CommandFault({ message: `${broken} of ${heldCount + broken} are broken` })
  const cutShort = report.results.filter(({ isCutShort }) => isCutShort === true).map(({ promise }) => promise)
  if (cutShort.length > 0) {
    return unreliable(`there was too little time for ${cutShort.join(", ")}: give it more with --budget`)
  }
  return heldCount === 0 ? unreliable("nothing could be tried: the report says why") : undefined
}
