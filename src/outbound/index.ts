/** Where requests may go, judged in one place for the client, the server and the checks. */
export { kindOfAddress, kindOfHost, type Kind } from "./Address.ts"
export { AddressRefused, makeGuard, publicGuard, refusalIn, type Guard, type GuardOptions } from "./Guard.ts"
export { machineTime } from "./Time.ts"
export { guardedBrowser, guardedFetch, type Fetch } from "./GuardedFetch.ts"
export {
  DocumentFault,
  documentReader,
  type DocumentOptions,
  type DocumentReader,
  type FetchedDocument,
  type Reading,
} from "./Documents.ts"
