/**
 * `grantlog/properties`: the promises of grantlog, tried on a provider that you wrote or on a server that runs.
 *
 * It loads no server: what is checked is given as a factory or as an address.
 */
export {
  CannotCheck,
  checkIssuer,
  checkProvider,
  checkPythonProvider,
  describeProvider,
  isKept,
  limits,
  renderStories,
  renderStory,
  renderTable,
  renderTestFile,
} from "../../properties/index.ts"
export type {
  AnyFactory,
  AnyProvider,
  Approve,
  Checkable,
  Counterexample,
  DescribeOptions,
  IssuerOptions,
  KitReport,
  Limit,
  PromiseResult,
  ProviderClass,
  ProviderFactory,
  ProviderOptions,
  PythonTarget,
  Restart,
  SdkProvider,
  StoryStep,
  TableOptions,
  TestRunner,
  TestTarget,
  Verdict,
  World,
} from "../../properties/index.ts"
