/** Question c: verifying a token in the process, beside the SELECT that it comes down to and one digest. */
import { mkdirSync } from "node:fs"
import { join } from "node:path"
import { openNodeSqlite } from "../../src/log/index.ts"
import { digestOf, parseToken } from "../../src/provider/index.ts"
import { databaseIn, openServer } from "./Grantlog.ts"
import { cpuMicros, interleave, median, ratioOf, type Asked } from "./Measure.ts"
import { micros, type Row, type Section } from "./Report.ts"
import { RESOURCE } from "./Target.ts"

/** Whether a token is alive, in one statement: what a server without grantlog would ask. Parameters: grant, digest, now, now. */
const ALIVE = `
  SELECT a.state, g.client_id, g.subject_id
  FROM access_rows a
  JOIN grant_rows g ON g.grant_id = a.grant_id
  JOIN client_rows c ON c.client_id = g.client_id
  JOIN issuer_rows i ON i.id = 'issuer'
  LEFT JOIN subject_rows s ON s.subject_id = g.subject_id
  WHERE a.grant_id = ? AND a.digest = ? AND ? < a.expires_at AND ? < g.expires_at
    AND g.status = 'open' AND c.status = 'enabled'
    AND c.epoch = g.client_epoch AND i.epoch = g.issuer_epoch
    AND (g.subject_id IS NULL
      OR (coalesce(s.epoch, 0) = g.subject_epoch AND coalesce(s.status, 'enabled') = 'enabled'))`

const TOKENS = 500
const CALLS_PER_OPERATION = 20

/** CPU of a call, over all tokens again and again. */
const microsPerCall = async (
  tokens: ReadonlyArray<string>,
  passCount: number,
  pass: (tokens: ReadonlyArray<string>) => void | Promise<void>,
): Promise<number> => {
  const before = cpuMicros()
  for (let turn = 0; turn < passCount; turn++) await pass(tokens)
  return (cpuMicros() - before) / (passCount * tokens.length)
}

export const measureVerification = async ({ rounds, operationCount, folder: parent }: Asked): Promise<Section> => {
  const folder = join(parent, "verification")
  mkdirSync(folder)
  const { server, target } = await openServer(folder)
  const { clientId, secret } = target("").itself!
  const ask = () => server.issueToken({ credentials: { clientId, clientSecret: secret }, resource: [RESOURCE] })
  const tokens = (await Promise.all(Array.from({ length: TOKENS }, ask))).map((token) => token.access_token)
  const driver = openNodeSqlite(databaseIn(folder))
  const select = driver.prepare(ALIVE)
  const grantIds = new Map(tokens.map((token) => [token, parseToken(token)!.grantId]))
  const passCount = Math.ceil((operationCount * CALLS_PER_OPERATION) / TOKENS)
  const fail = () => {
    throw new Error("a live token was not verified")
  }
  try {
    const taken = await interleave(rounds, {
      bare: () =>
        microsPerCall(tokens, passCount, (all) => {
          for (const token of all) {
            const now = Date.now()
            if (select.get(grantIds.get(token)!, digestOf(token), now, now) === undefined) fail()
          }
        }),
      verifySync: () =>
        microsPerCall(tokens, passCount, (all) => {
          for (const token of all) if (server.verifySync(token) === undefined) fail()
        }),
      verify: () =>
        microsPerCall(tokens, passCount, async (all) => {
          for (const token of all) if ((await server.verify(token)) === undefined) fail()
        }),
    })
    const row = (name: "verify" | "verifySync", why: string): Row => ({
      name: `\`${name}\``,
      ours: micros(median(taken[name])),
      other: micros(median(taken.bare)),
      ratio: ratioOf(taken[name], taken.bare),
      aim: { atMost: 1.3 },
      why,
    })
    return {
      title: "c. verifying in the process, CPU a call",
      columns: ["grantlog", "the same prepared SELECT, and a digest", "× bare"],
      rows: [
        row("verifySync", "asking the file whether somebody else wrote, the checksum, and the token as a record"),
        row("verify", "the same, a fiber and a Promise"),
      ],
    }
  } finally {
    driver.close()
    await server.close()
  }
}
