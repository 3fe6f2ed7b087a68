/** Telling clients of sign-outs, by a process that is killed while it does. */
import { createServer, type ServerResponse } from "node:http"
import type { AddressInfo } from "node:net"
import { text } from "node:stream/consumers"
import { Effect } from "effect"
import { decodeJwt } from "jose"
import * as client from "openid-client"
import { expect, it, onTestFinished } from "vitest"
import { createKeyFile, sqliteStore } from "../../src/provider/index.ts"
import { PARTY_ISSUER, startProvider } from "../support/OpenIdParty.ts"
import { endOf, runnable, startProgram } from "./support/Command.ts"
import { temporaryFolder } from "./support/Folder.ts"

const run = Effect.runPromise
const PROGRAM = runnable(new URL("support/telling.ts", import.meta.url))

/** A client that answers when the test says so. */
const startReceiver = async () => {
  const waiting: Array<(told: Told) => void> = []
  const come: Array<Told> = []
  const http = createServer((request, response) =>
    text(request).then((body) => {
      const token = decodeJwt(new URLSearchParams(body).get("logout_token")!)
      const told = { sid: token["sid"], jti: token.jti, response }
      const next = waiting.shift()
      if (next === undefined) come.push(told)
      else next(told)
    }),
  )
  await new Promise<void>((resolve) => http.listen(0, "127.0.0.1", resolve))
  onTestFinished(() => {
    http.closeAllConnections()
    http.close()
  })
  return {
    address: `http://127.0.0.1:${(http.address() as AddressInfo).port}/`,
    next: () =>
      new Promise<Told>((resolve) => {
        const told = come.shift()
        if (told === undefined) waiting.push(resolve)
        else resolve(told)
      }),
  }
}

interface Told {
  readonly sid: unknown
  readonly jti: string | undefined
  readonly response: ServerResponse
}

it("what a process that was killed had still to tell is told by the next one, which does not begin at the beginning", async () => {
  using folder = temporaryFolder()
  const file = folder.at("grantlog.db")
  const provider = await startProvider({ store: sqliteStore(file), keys: createKeyFile(`${file}.keys.json`) })
  const { config } = await provider.party({ backchannel_logout_uri: "https://app.example.com/told" })
  const { address, next } = await startReceiver()
  const start = () => {
    const child = startProgram([PROGRAM, file, PARTY_ISSUER, String(provider.clock.now()), address])
    child.stdin.end()
    onTestFinished(() => void child.kill("SIGKILL"))
    return child
  }
  const signedOut = async () => {
    const { claims, tokens } = await provider.signIn(config)
    await client.tokenRevocation(config, tokens.refresh_token!)
    return claims["sid"]
  }
  await signedOut()
  const first = start()
  // Who reads for the first time begins at the head, wherever that is then.
  const isPast = (position: number) =>
    expect.poll(() => run(provider.store.side.bookmarkOf("back-channel logout"))).toBeGreaterThan(position)
  await isPast(-1)
  const early = await signedOut()
  const { size } = await run(provider.store.head)
  const told = await next()
  told.response.end()
  await isPast(size - 1)
  const cut = await signedOut()
  const unanswered = await next()
  expect(unanswered.sid).toBe(cut)
  first.kill("SIGKILL")
  expect(await endOf(first)).toBe("SIGKILL")
  const meanwhile = await signedOut()
  provider.clock.pass(61)
  const second = start()
  // Two clients are told at once, and either may be heard first.
  const rest = [await next(), await next()]
  for (const { response } of rest) response.end()
  expect(new Set(rest.map(({ sid }) => sid))).toEqual(new Set([cut, meanwhile]))
  expect(rest.find(({ sid }) => sid === cut)!.jti).toBe(unanswered.jti)
  expect(told.sid).toBe(early)
  second.kill("SIGKILL")
  await endOf(second)
})
