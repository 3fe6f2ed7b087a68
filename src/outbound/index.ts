/** Where requests may go, judged in one place for the client, the server and the checks. */
export { kindOfAddress, kindOfHost, type Kind } from "./Address.ts"
export { AddressRefused, makeGuard, refusalIn, type Guard, type GuardOptions } from "./Guard.ts"
export { machineTime } from "./Time.ts"
export { guardedBrowser, guardedFetch, type Fetch } from "./GuardedFetch.ts"
