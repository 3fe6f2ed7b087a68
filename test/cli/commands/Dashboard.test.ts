/** `grantlog dashboard`: a dashboard, or with --alerts a file of rules, each as it is taken in elsewhere. */
import { beforeAll, expect, it } from "vitest"
import { alertRules } from "../../../src/cli/observe/Alerts.ts"
import { dashboardModel } from "../../../src/cli/observe/Dashboard.ts"
import { grantlogHere } from "../../live/support/InProcess.ts"

beforeAll(async () => {
  await grantlogHere(["dashboard", "--nothing"])
})

it.each<readonly [ReadonlyArray<string>, unknown]>([
  [[], dashboardModel()],
  [["--alerts"], alertRules()],
])("dashboard %j prints it as JSON", async (args, model) => {
  const { code, stdout, stderr } = await grantlogHere(["dashboard", ...args])
  expect([code, stderr, JSON.parse(stdout)]).toEqual([0, "", JSON.parse(JSON.stringify(model))])
})
