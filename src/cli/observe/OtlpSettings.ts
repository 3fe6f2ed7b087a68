/**
 * Where traces and logs are sent: `--otlp`, and the variables that OpenTelemetry names for it.
 *
 * https://opentelemetry.io/docs/specs/otel/protocol/exporter/ has them. An empty variable is none. A header may be a
 * credential, so no fault shows one.
 */
import * as Config from "effect/Config"
import * as ConfigProvider from "effect/ConfigProvider"
import * as Effect from "effect/Effect"
import * as Option from "effect/Option"
import * as Schema from "effect/Schema"
import { UsageFault } from "../Failure.ts"

type Headers = Readonly<Record<string, string>>

/** A kind of what is sent, and where it goes. */
export interface Destination {
  readonly url: string
  readonly headers: Headers
}

export interface OtlpSettings {
  /** Absent where a variable says that there are to be none. */
  readonly traces?: Destination
  readonly logs?: Destination
  readonly protocol: "http/protobuf" | "http/json"
}

const fault = (message: string) => new UsageFault({ message })

/** The first of these variables that says something. */
const said = (...names: ReadonlyArray<string>): readonly [name: string, value: string] | undefined => {
  const name = names.find((one) => (process.env[one] ?? "") !== "")
  return name === undefined ? undefined : [name, process.env[name]!]
}

const urlOf = (name: string, value: string): Effect.Effect<URL, UsageFault> => {
  const url = URL.parse(value)
  const isOne = url !== null && ["http:", "https:"].includes(url.protocol) && url.username === "" && url.password === ""
  return isOne
    ? Effect.succeed(url)
    : Effect.fail(
        fault(`${name} is no address of a collector: give http://HOST:4318 or https://…, and credentials in a header`),
      )
}

const PROTOCOL = "OTEL_EXPORTER_OTLP_PROTOCOL"
const PROTOCOLS = ["http/protobuf", "http/json"] as const

const protocolOf = (): Effect.Effect<OtlpSettings["protocol"], UsageFault> => {
  const value = said(PROTOCOL)?.[1] ?? PROTOCOLS[0]
  const protocol = PROTOCOLS.find((one) => one === value)
  return protocol === undefined
    ? Effect.fail(fault(`${PROTOCOL} is \`${value}\`: give ${PROTOCOLS.join(" or ")}`))
    : Effect.succeed(protocol)
}

const headersOf = (signal: string): Effect.Effect<Headers, UsageFault> => {
  const [name] = said(`OTEL_EXPORTER_OTLP_${signal}_HEADERS`, "OTEL_EXPORTER_OTLP_HEADERS") ?? []
  if (name === undefined) return Effect.succeed({})
  const headers = Config.Record(Schema.String, Schema.StringFromUriComponent, name)
  return Effect.mapError(headers.parse(ConfigProvider.fromEnv()), () =>
    fault(`${name} is no list of headers: give name=value, percent-encoded, and a comma between two`),
  )
}

const destinationOf = Effect.fnUntraced(function* (
  signal: "TRACES" | "LOGS",
  base: readonly [name: string, value: string] | undefined,
): Effect.fn.Return<Destination | undefined, UsageFault> {
  if (process.env[`OTEL_${signal}_EXPORTER`] === "none") return undefined
  const own = said(`OTEL_EXPORTER_OTLP_${signal}_ENDPOINT`)
  const named = own ?? base
  if (named === undefined) return undefined
  const url = yield* urlOf(...named)
  // The address of one kind is used as it is; to the one of all, each adds its own path.
  if (own === undefined) url.pathname = `${url.pathname.replace(/\/$/, "")}/v1/${signal.toLowerCase()}`
  return { url: url.href, headers: yield* headersOf(signal) }
})

/** What was asked for, by the flag or the variables; `undefined` where nothing is to be sent. */
export const otlpSettings = Effect.fnUntraced(function* (
  flag: Option.Option<string>,
): Effect.fn.Return<OtlpSettings | undefined, UsageFault> {
  if (process.env["OTEL_SDK_DISABLED"]?.toLowerCase() === "true") return undefined
  const base = Option.isSome(flag) ? (["--otlp", flag.value] as const) : said("OTEL_EXPORTER_OTLP_ENDPOINT")
  const traces = yield* destinationOf("TRACES", base)
  const logs = yield* destinationOf("LOGS", base)
  if (traces === undefined && logs === undefined) return undefined
  const protocol = yield* protocolOf()
  return { protocol, ...(traces === undefined ? {} : { traces }), ...(logs === undefined ? {} : { logs }) }
})
