/** What `grantlog doctor` says of settings that can be served, word for word. */
import { Option } from "effect"
import { describe, expect, it } from "vitest"
import { defaultOf } from "../../../src/cli/Defaults.ts"
import { advice, type Finding } from "../../../src/cli/doctor/Finding.ts"
import { settingsAdvice } from "../../../src/cli/doctor/Settings.ts"
import { serveFlags, type ServeFlags } from "../../../src/cli/ServeFlags.ts"

const defaults = Object.fromEntries(
  Object.entries(serveFlags).map(([name, flag]) => [name, defaultOf(flag)]),
) as unknown as ServeFlags

describe("advice", () => {
  const PROXY = advice(
    "proxy",
    "no --trusted-proxy: all that the TLS proxy passes on share the limits of one source; name the proxy's address",
  )
  const OPEN = advice(
    "proxy",
    "--host is open to the network: listen on a loopback, so that nobody goes round the TLS proxy",
  )
  const SLASH = advice("issuer", "the issuer ends in a slash: clients and resource servers must write it so")
  const ANYBODY = advice("registration", "anybody may register a client: --registration invited or off ends that")
  const COPY = advice(
    "checkpoints",
    "no --checkpoint-copy: whoever replaces the store by an old one can replace its last checkpoint as well",
  )
  const MEMORY = advice("store", "memory: keeps nothing: everything is gone when the server stops")
  const ADMIN = advice(
    "admin API",
    "--admin-host is open to the network, where its credential can be read on the way: listen on a loopback, and reach that through a tunnel or a TLS proxy",
  )
  const AUTO = advice("auto-approval", "--auto-approve is for development: nobody is asked")
  const HOST = Option.some("0.0.0.0")
  const settled: Partial<ServeFlags> = {
    trustedProxy: Option.some("127.0.0.1"),
    registration: "off",
    checkpointCopy: Option.some("/elsewhere"),
  }

  it.each<[string, Partial<ServeFlags>, ReadonlyArray<Finding>]>([
    ["http://localhost:4000/", { host: HOST }, []],
    [
      "http://localhost:4000",
      { store: "memory:", adminHost: HOST, autoApprove: Option.some("a") },
      [AUTO, ADMIN, MEMORY],
    ],
    ["http://localhost:4000", { adminHost: Option.some("127.0.0.1") }, []],
    ["https://id.example", {}, [PROXY, ANYBODY, COPY]],
    ["https://id.example", { ...settled, host: HOST }, []],
    ["https://id.example/", { ...settled, trustedProxy: Option.none(), host: HOST }, [PROXY, OPEN, SLASH]],
    ["https://id.example", { ...settled, trustedProxy: Option.none(), host: Option.some("::1") }, [PROXY]],
    ["https://id.example", { ...settled, store: "memory:", checkpointCopy: Option.none() }, [MEMORY]],
  ])("for %s (%#)", (issuer, given, findings) => {
    expect(settingsAdvice({ ...defaults, ...given }, issuer)).toEqual(findings)
  })
})
