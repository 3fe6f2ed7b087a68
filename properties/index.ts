/**
 * The promises as a product: checks of other people's providers and servers, and what they are held against.
 *
 * It loads no server: what is checked is given as a factory or as an address.
 */
export { checkProvider, type ProviderOptions } from "./kit/provider/checkProvider.ts"
export type { PythonTarget } from "./kit/python/Bridge.ts"
export { checkPythonProvider } from "./kit/python/checkPythonProvider.ts"
export { describeProvider, type DescribeOptions, type TestRunner } from "./kit/provider/describeProvider.ts"
export { limits, type Limit } from "./kit/provider/Limits.ts"
export type { Approve } from "./kit/provider/Login.ts"
export type {
  AnyFactory,
  AnyProvider,
  Checkable,
  ProviderClass,
  ProviderFactory,
  World,
} from "./kit/provider/Factory.ts"
export type { Restart } from "./kit/provider/Connection.ts"
export type { SdkProvider } from "./kit/provider/SdkProvider.ts"
export { checkIssuer, type IssuerOptions } from "./kit/issuer/checkIssuer.ts"
export { CannotCheck } from "./kit/judging/Obstacles.ts"
export {
  isKept,
  type Counterexample,
  type KitReport,
  type PromiseResult,
  type StoryStep,
  type Verdict,
} from "./kit/Report.ts"
export { renderStories, renderStory } from "./kit/render/Story.ts"
export { renderTable, type TableOptions } from "./kit/render/Table.ts"
export { renderTestFile, type TestTarget } from "./kit/render/TestFile.ts"
export { promises } from "./invariants/index.ts"
export type { Invariant, Objection } from "./invariants/Invariant.ts"
export { emptyModel, expect, type Expected, type Model, type Policy } from "./Model.ts"
export { follow } from "./Tolerance.ts"
export type { Operation, Reply, Step, Trace } from "./Operation.ts"
