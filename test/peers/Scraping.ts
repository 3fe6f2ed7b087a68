/** A real Prometheus that scrapes a server many times a second, and what it is asked. */
import { spawn } from "node:child_process"
import { mkdirSync, writeFileSync } from "node:fs"
import { join } from "node:path"
import type { RunningServer } from "../live/support/ServeProcess.ts"
import { freePort } from "../support/FreePort.ts"

export const JOB = "logins"
const INTERVAL = "100ms"

export interface Sample {
  readonly labels: Readonly<Record<string, string>>
  readonly value: number
}

interface Answer {
  readonly status: string
  readonly error?: string
  readonly data: {
    readonly result: ReadonlyArray<{ readonly metric: Sample["labels"]; readonly value: readonly [number, string] }>
  }
}

/** Asks again until the answer is one that is waited for. */
export const until = async <A>(ask: () => Promise<A>, isIt: (answer: A) => boolean): Promise<A> => {
  for (;;) {
    const answer = await ask()
    if (isIt(answer)) return answer
  }
}

/** `rules`: the content of a file of alerting rules. */
export const startPrometheus = async (program: string, folder: string, server: RunningServer, rules: string) => {
  mkdirSync(folder)
  const ruleFile = join(folder, "alerts.yml")
  writeFileSync(ruleFile, rules)
  const configuration = {
    global: { scrape_interval: INTERVAL, scrape_timeout: INTERVAL, evaluation_interval: INTERVAL },
    rule_files: [ruleFile],
    scrape_configs: [{ job_name: JOB, static_configs: [{ targets: [new URL(server.metricsUrl).host] }] }],
  }
  writeFileSync(join(folder, "prometheus.yml"), JSON.stringify(configuration))
  const address = `127.0.0.1:${await freePort()}`
  const child = spawn(
    program,
    [
      `--config.file=${join(folder, "prometheus.yml")}`,
      `--storage.tsdb.path=${join(folder, "data")}`,
      `--web.listen-address=${address}`,
    ],
    { stdio: ["ignore", "ignore", "pipe"] },
  )
  let said = ""
  child.stderr.setEncoding("utf8").on("data", (chunk: string) => (said += chunk))
  const ended = new Promise<void>((resolve) => child.once("close", () => resolve()))
  await until(
    async () => {
      if (child.exitCode !== null) throw new Error(`Prometheus ended: ${said}`)
      return fetch(`http://${address}/-/ready`).then(
        ({ ok }) => ok,
        () => false,
      )
    },
    (isReady) => isReady,
  )

  /** What a query gives at a time, seconds since the epoch; now by default. */
  const query = async (expr: string, at?: number): Promise<ReadonlyArray<Sample>> => {
    const body = new URLSearchParams({ query: expr, ...(at === undefined ? {} : { time: String(at) }) })
    const answer = (await (await fetch(`http://${address}/api/v1/query`, { method: "POST", body })).json()) as Answer
    if (answer.status !== "success") throw new Error(`${expr}: ${answer.error}`)
    return answer.data.result.map(({ metric, value }) => ({ labels: metric, value: Number(value[1]) }))
  }
  /** When it last saw the server, seconds since the epoch. */
  const lastScrape = async (): Promise<number> => (await query("timestamp(grantlog_ready)"))[0]?.value ?? 0
  return {
    query,
    lastScrape,
    /** The time of a scrape that began after this was called. */
    nextScrape: async (): Promise<number> => {
      const now = Date.now() / 1000
      return until(lastScrape, (at) => at > now)
    },
    stop: async () => {
      child.kill("SIGTERM")
      await ended
    },
  }
}
