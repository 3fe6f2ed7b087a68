/** What another process committed is seen by the next request, however often rows are answered from memory in between. */
import { fork } from "node:child_process"
import { once } from "node:events"
import { join } from "node:path"
import { expect, onTestFinished, test } from "vitest"
import { authorizationServer } from "../../src/embedded/index.ts"
import { sqliteStore } from "../../src/provider/index.ts"
import { runnable } from "../live/support/Command.ts"
import { temporaryFolder } from "../support/TestServer.ts"

const ISSUER = "http://localhost:4000"
const TIMES = 10_000

test("a client that another process suspends and lets go on is dead and alive at the very next question", async () => {
  const file = join(temporaryFolder(), "grantlog.db")
  const server = await authorizationServer({ store: sqliteStore(file), config: { issuer: ISSUER } })
  onTestFinished(() => server.close())
  const { client_id: clientId, client_secret: clientSecret } = await server.addClient({
    metadata: {
      redirect_uris: [],
      grant_types: ["client_credentials"],
      token_endpoint_auth_method: "client_secret_basic",
    },
  })
  const watcher = await server.addClient({
    metadata: { redirect_uris: [], grant_types: [], token_endpoint_auth_method: "client_secret_basic" },
    audience: "https://api.example.com/",
  })
  const own = { clientId, clientSecret: clientSecret! }
  const resource = ["https://api.example.com/"]
  const { access_token: token } = await server.issueToken({ credentials: own, resource })
  const credentials = { clientId: watcher.client_id, clientSecret: watcher.client_secret! }

  const other = fork(runnable(new URL("SuspendingProcess.ts", import.meta.url)), [file, ISSUER, clientId])
  onTestFinished(() => void other.kill())
  await once(other, "message")
  const seen = async () => [
    server.verifySync(token) !== undefined,
    (await server.introspect(credentials, token)).active,
  ]
  expect(await seen()).toEqual([true, true])
  let wrongCount = 0
  for (let time = 0; time < TIMES; time++) {
    const isAlive = time % 2 === 1
    other.send(isAlive ? "enable" : "disable")
    await once(other, "message")
    for (const answer of await seen()) if (answer !== isAlive) wrongCount++
  }
  expect(wrongCount).toBe(0)
})
