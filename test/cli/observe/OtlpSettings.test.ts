/** Where traces and logs are sent, by the flag and by the variables that OpenTelemetry names. */
import { Effect, Option } from "effect"
import { describe, expect, it, onTestFinished } from "vitest"
import { otlpSettings } from "../../../src/cli/observe/OtlpSettings.ts"

const settled = (env: Readonly<Record<string, string>>, flag?: string) => {
  Object.assign(process.env, env)
  onTestFinished(() => {
    for (const name of Object.keys(env)) delete process.env[name]
  })
  return Effect.runPromise(Effect.result(otlpSettings(Option.fromUndefinedOr(flag)))).then((result) =>
    result._tag === "Success" ? result.success : result.failure.message,
  )
}

const to = (base: string, headers: object = {}) => ({
  protocol: "http/protobuf",
  traces: { url: `${base}/v1/traces`, headers },
  logs: { url: `${base}/v1/logs`, headers },
})

it("is said by the variables as they are now, whenever the first of them was read", async () => {
  const ask = (headers: string) => settled({ OTEL_EXPORTER_OTLP_HEADERS: headers }, "http://localhost:1")
  expect([await ask("x-a=1"), await ask("x-b=2")]).toEqual([
    to("http://localhost:1", { "x-a": "1" }),
    to("http://localhost:1", { "x-b": "2" }),
  ])
})

describe("what is sent where", () => {
  it.each<[string, Readonly<Record<string, string>>, string | undefined, unknown]>([
    ["nowhere, where nobody says so", {}, undefined, undefined],
    ["to the flag, each kind at a path of its own", {}, "http://localhost:4318", to("http://localhost:4318")],
    ["below a path that it has", {}, "https://collector.example/a/", to("https://collector.example/a")],
    ["to the variable", { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:1" }, undefined, to("http://localhost:1")],
    [
      "to the flag, where there is the variable too",
      { OTEL_EXPORTER_OTLP_ENDPOINT: "http://localhost:1" },
      "http://localhost:2",
      to("http://localhost:2"),
    ],
    ["nowhere, where the variable is empty", { OTEL_EXPORTER_OTLP_ENDPOINT: "" }, undefined, undefined],
    ["nowhere, where it is switched off", { OTEL_SDK_DISABLED: "TRUE" }, "http://localhost:2", undefined],
    [
      "as one kind alone",
      { OTEL_LOGS_EXPORTER: "none" },
      "http://localhost:2",
      { protocol: "http/protobuf", traces: to("http://localhost:2").traces },
    ],
    [
      "as the other kind alone",
      { OTEL_TRACES_EXPORTER: "none" },
      "http://localhost:2",
      { protocol: "http/protobuf", logs: to("http://localhost:2").logs },
    ],
    ["nowhere, as none of both", { OTEL_LOGS_EXPORTER: "none", OTEL_TRACES_EXPORTER: "none" }, "http://x", undefined],
    [
      "to an address of one kind as it is",
      { OTEL_EXPORTER_OTLP_TRACES_ENDPOINT: "http://localhost:3/own" },
      undefined,
      { protocol: "http/protobuf", traces: { url: "http://localhost:3/own", headers: {} } },
    ],
    [
      "with headers, decoded, of all and of one kind",
      { OTEL_EXPORTER_OTLP_HEADERS: "x-a=1%202,x-b=c", OTEL_EXPORTER_OTLP_LOGS_HEADERS: "x-own=1" },
      "http://localhost:2",
      {
        ...to("http://localhost:2", { "x-a": "1 2", "x-b": "c" }),
        logs: { url: "http://localhost:2/v1/logs", headers: { "x-own": "1" } },
      },
    ],
    [
      "as JSON",
      { OTEL_EXPORTER_OTLP_PROTOCOL: "http/json" },
      "http://localhost:2",
      { ...to("http://localhost:2"), protocol: "http/json" },
    ],
  ])("is %s", async (_, env, flag, expected) => {
    expect(await settled(env, flag)).toStrictEqual(expected)
  })
})

describe("what cannot be meant", () => {
  const address = "is no address of a collector: give http://HOST:4318 or https://…, and credentials in a header"
  it.each<[Readonly<Record<string, string>>, string | undefined, string]>([
    [{}, "collector:4318", `--otlp ${address}`],
    [{}, "ftp://collector", `--otlp ${address}`],
    [{}, "xhttp://collector", `--otlp ${address}`],
    [{}, "http://planted@collector", `--otlp ${address}`],
    [{}, "http://:planted@collector", `--otlp ${address}`],
    [{ OTEL_EXPORTER_OTLP_LOGS_ENDPOINT: "planted" }, undefined, `OTEL_EXPORTER_OTLP_LOGS_ENDPOINT ${address}`],
    [
      { OTEL_EXPORTER_OTLP_PROTOCOL: "grpc" },
      "http://localhost",
      "OTEL_EXPORTER_OTLP_PROTOCOL is `grpc`: give http/protobuf or http/json",
    ],
    [
      { OTEL_EXPORTER_OTLP_TRACES_HEADERS: "planted=%zz" },
      "http://localhost",
      "OTEL_EXPORTER_OTLP_TRACES_HEADERS is no list of headers: give name=value, percent-encoded, and a comma between two",
    ],
  ])("is said by its own name, and no credential is: %j %s", async (env, flag, sentence) => {
    expect(await settled(env, flag)).toBe(sentence)
  })
})
