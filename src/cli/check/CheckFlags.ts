/**
 * The flags of `grantlog check`, and their types; what is wrong among them is judged where the command is.
 *
 * Those of a Python program and of an issuer alone have files of their own.
 */
import type * as Command from "effect/cli/Command"
import * as Argument from "effect/cli/Argument"
import * as Flag from "effect/cli/Flag"
import { json, text } from "../Flags.ts"
import { force } from "../Output.ts"
import { issuerFlags } from "./IssuerFlags.ts"
import { pythonFlags } from "./Python.ts"

export const MAX_RATE = 50
export const BUDGET_SECONDS = 30

export const flags = {
  target: Argument.String("target").pipe(
    Argument.withDescription(
      "a module that exports ({ now }) => a provider, where now() gives milliseconds since the epoch; python:my_package.auth:make_provider; or the URL of an issuer or of an MCP server",
    ),
  ),
  export: Flag.String("export").pipe(
    Flag.withDescription("the export that makes the provider"),
    Flag.withDefault("default"),
  ),
  ...pythonFlags,
  seed: Flag.Int("seed").pipe(
    Flag.withDescription("the seed of a run that is to be seen again; by default always the same"),
    Flag.optional,
  ),
  seeds: Flag.Int("seeds").pipe(
    Flag.withDescription(
      "module: how many seeds random calls are drawn from; by default as many as there is time for, which for a provider in memory are more than ten",
    ),
    Flag.optional,
  ),
  path: Flag.String("path").pipe(
    Flag.withDescription("the story of that run that is told again; by default all of them"),
    Flag.optional,
  ),
  only: Flag.String("only").pipe(
    Flag.withDescription("only this promise or rule; may be given several times"),
    Flag.atLeast(0),
  ),
  budget: Flag.Int("budget").pipe(
    Flag.withDescription(
      `how many seconds it may take, shortening of stories and all; by default ${BUDGET_SECONDS} for a module and 600 for an issuer`,
    ),
    Flag.optional,
  ),
  json,
  html: Flag.String("html").pipe(Flag.withDescription("write the report as a page to this file"), Flag.optional),
  writeTest: Flag.String("write-test").pipe(
    Flag.withDescription("write what is broken as a test to this file"),
    Flag.optional,
  ),
  force,
  clientId: text("client-id", "issuer: the client to act as; by default one is registered").pipe(Flag.optional),
  clientSecret: text("client-secret", "issuer: its secret; better from the environment").pipe(Flag.optional),
  redirectUri: text(
    "redirect-uri",
    "where clients wait for codes; of a module one or two, space-separated, if it takes none of the kit's",
  ).pipe(Flag.optional),
  auto: Flag.Boolean("auto").pipe(
    Flag.withDescription("issuer: log in by following redirects; nobody is asked, nothing is submitted"),
    Flag.withDefault(false),
  ),
  scope: Flag.String("scope").pipe(
    Flag.withDescription("the scopes to ask for, space-separated; two for growing and shrinking"),
    Flag.optional,
  ),
  resource: Flag.String("resource").pipe(
    Flag.withDescription("the resources to ask for, space-separated; two for growing"),
    Flag.optional,
  ),
  resourceUrl: Flag.String("resource-url").pipe(
    Flag.withDescription(
      "issuer: where a dead access token is answered 401, if neither introspection nor user info is",
    ),
    Flag.optional,
  ),
  ...issuerFlags,
  mayTestHost: Flag.Boolean("i-may-test-this-host").pipe(
    Flag.withDescription("issuer: needed for any host but loopback"),
    Flag.withDefault(false),
  ),
  rate: Flag.Int("rate").pipe(
    Flag.withDescription(`issuer: requests a second off loopback, at most ${MAX_RATE}; by default 5`),
    Flag.optional,
  ),
}

export type CheckFlags = Command.Command.Config.Infer<typeof flags>
