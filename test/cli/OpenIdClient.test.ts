/** What `client add` is told of a client that signs people in becomes members of its metadata, or its policy. */
import { Option } from "effect"
import { expect, it } from "vitest"
import { openIdFlags, openIdMetadata, policyOf } from "../../src/cli/OpenIdClient.ts"
import { gotOf, saidOf } from "./FlagsHere.ts"

const none = { firstParty: false, postLogoutUri: [], backchannelUri: Option.none() }

it("only what was said is in the metadata", () => {
  expect(openIdMetadata(none)).toEqual({})
  expect(openIdMetadata({ ...none, postLogoutUri: ["https://a/1", "https://a/2"] })).toEqual({
    post_logout_redirect_uris: ["https://a/1", "https://a/2"],
  })
  expect(openIdMetadata({ ...none, backchannelUri: Option.some("https://a/out") })).toEqual({
    backchannel_logout_uri: "https://a/out",
  })
})

it("one of one's own asks nobody what it may", () => {
  expect(policyOf(none)).toEqual({})
  expect(policyOf({ ...none, firstParty: true })).toEqual({ policy: "first-party" })
})

it("is said by flags, each of which the help explains", async () => {
  expect(await saidOf(openIdFlags)).toEqual({
    "first-party": "it is your own: who is signed in is not asked what it may",
    "post-logout-redirect-uri": "where the browser may go after signing out; may be given several times",
    "backchannel-logout-uri": "where it is told that somebody signed out",
  })
  expect(await gotOf(openIdFlags)).toEqual(none)
  const uris = ["a", "b"].flatMap((uri) => ["--post-logout-redirect-uri", uri])
  expect(await gotOf(openIdFlags, "--first-party", ...uris, "--backchannel-logout-uri", "c")).toEqual({
    firstParty: true,
    postLogoutUri: ["a", "b"],
    backchannelUri: Option.some("c"),
  })
})
