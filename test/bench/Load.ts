/**
 * The loads: one operation each, over and over, from a bounded number of callers at a time.
 *
 * What an operation needs beforehand (a session, a refresh token) is made before the measuring begins.
 */
import { codeFlowTokens, firstCodeFlowTokens, openSession, refreshed } from "./CodeFlow.ts"
import { expectStatus, send } from "./Send.ts"
import { RESOURCE, type Credentials, type Target } from "./Target.ts"

/** One caller: each call is an operation. */
type Caller = () => Promise<unknown>

const basic = ({ clientId, secret }: Credentials) => ({
  authorization: `Basic ${Buffer.from(`${clientId}:${secret}`).toString("base64")}`,
})

const codeFlow = async (target: Target): Promise<Caller> => {
  const session = await openSession(target)
  return () => codeFlowTokens(target, session)
}

const firstCodeFlow = async (target: Target): Promise<Caller> => {
  return () => firstCodeFlowTokens(target)
}

const refresh = async (target: Target): Promise<Caller> => {
  let { refreshToken } = await codeFlowTokens(target, await openSession(target))
  return async () => {
    refreshToken = await refreshed(target, refreshToken)
  }
}

const introspection = async ({ host, introspection }: Target): Promise<Caller> => {
  if (introspection === undefined) throw new Error("the server has no introspection endpoint")
  const { endpoint, credentials, tokens } = introspection
  const headers = basic(credentials)
  return async () => {
    const token = tokens[Math.floor(Math.random() * tokens.length)]!
    const { body } = expectStatus(await send(endpoint, { host, form: { token }, headers }), 200)
    if (!body.includes('"active":true')) throw new Error(`not active: ${body}`)
  }
}

const clientCredentials = async ({ host, tokenEndpoint, itself }: Target): Promise<Caller> => {
  if (itself === undefined) throw new Error("the server has no client that asks for itself")
  const headers = basic(itself)
  const form = { grant_type: "client_credentials", resource: RESOURCE }
  return async () => expectStatus(await send(tokenEndpoint, { host, form, headers }), 200)
}

export const loads = {
  "code flow": codeFlow,
  "code flow of a new browser": firstCodeFlow,
  refresh,
  introspection,
  "client credentials": clientCredentials,
} as const
export type LoadName = keyof typeof loads

const CALLERS = 16

/** Makes the callers; gives what sends `count` operations, as evenly spread over them as that goes. */
export const prepareLoad = async (
  load: LoadName,
  target: Target,
  callerCount = CALLERS,
): Promise<(count: number) => Promise<void>> => {
  const callers = await Promise.all(Array.from({ length: callerCount }, () => loads[load](target)))
  return async (count) => {
    let left = count
    const work = async (call: Caller) => {
      while (left-- > 0) await call()
    }
    await Promise.all(callers.map(work))
  }
}

/** CPU of the server per operation, in microseconds. */
export const microsPerOperation = async (
  { target, cpuMicros }: { readonly target: Target; readonly cpuMicros: () => Promise<number> },
  load: LoadName,
  count: number,
): Promise<number> => {
  const run = await prepareLoad(load, target)
  const before = await cpuMicros()
  await run(count)
  return ((await cpuMicros()) - before) / count
}
