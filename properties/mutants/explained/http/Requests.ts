/** Why mutants of Stryker in `src/http` may live: how requests are read, and what answers where no page does. */
import { at, type Explanation } from "../../Explanation.ts"

export const requests: ReadonlyArray<Explanation> = [
  {
    why: "the same: a text that has no cookie of ours in it, as none has",
    places: [at("Browser.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: what is no host or origin is nobody's, as what is not there",
    places: [at("Browser.ts", '""', '"Stryker was here!"'), at("Browser.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "nothing asks for a client that is deleted in the very moment: that there is one was looked at just before",
    places: [
      at("ClientAnswer.ts", "(yield* server.client(clientId))?.origin", "(yield* server.client(clientId)).origin"),
    ],
  },
  {
    why: "for the compiler alone: a grant without a request is a client's own, and no person's connection",
    places: [at("ClientAnswer.ts", "grant.request?.redirectUri", "grant.request.redirectUri")],
  },
  {
    why: "the same: a function that goes on to its end gives `undefined`, too",
    places: [at("ClientAuthentication.ts", "{ return undefined }", "{}")],
  },
  {
    why: "the same: a colon at the start leaves an empty id, which is refused as well",
    places: [at("ClientAuthentication.ts", "colon < 0", "colon <= 0")],
  },
  {
    why: "for the compiler alone: a member that is `undefined` and one that is not there mean the same to whoever reads it",
    places: [
      at("ClientAuthentication.ts", "clientSecret === undefined", "false"),
      at("Refusals.ts", "title === undefined", "false"),
    ],
  },
  {
    why: "the same: without a GET there is nothing that a HEAD could be answered with, nor that it is listed beside",
    places: [at("Endpoints.ts", "endpoints.GET !== undefined", "true")],
  },
  {
    why: "never reached: it becomes a path without a slash at its start, and below an issuer's path one that nothing asks for",
    places: [at("Endpoints.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "the same: what answers a HEAD takes GET and no other method",
    places: [at("Endpoints.ts", 'method === "GET"', "true")],
  },
  {
    why: "the same: every endpoint that is open to all origins takes one method",
    places: [at("Endpoints.ts", '", "', '""')],
  },
  {
    why: "the same: a text that is no media type is no form's, as none is",
    places: [at("Form.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: what was not encrypted here stands for nothing, as an empty text does",
    places: [at("Forms.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: what has no limit is never used up",
    places: [at("Limits.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "the same: pages and programs are told apart as long as one of the two words is another",
    places: [at("Limits.ts", '"page"', '""'), at("Limits.ts", '"program"', '""')],
  },
  {
    why: "never reached: both adapters make of an empty path a slash, and the issuer's own is in the list already",
    places: [at("Metadata.ts", '"/"', '""')],
  },
  {
    why: "the same: a text that names neither HTML nor JSON wishes for neither, as none does",
    places: [at("Refusals.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: a hop that is no address ends what is believed, as one that is not there",
    places: [at("Source.ts", '""', '"Stryker was here!"'), at("Source.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: it is a key and nobody reads it; those of the two widths differ by whatever number they end in",
    places: [at("Source.ts", "partCount * 16", "partCount / 16")],
  },
  {
    why: "the same: JSON leaves out what is `undefined`",
    places: [at("Metadata.ts", "value !== undefined", "true")],
  },
  {
    why: "the same but for the words: what is no challenge is refused again where the request is decoded",
    places: [
      at("endpoints/Authorize.ts", "codeChallenge === undefined", "false"),
      at("endpoints/Authorize.ts", "!/^[0-9A-Za-z_-]{43}$/.test(codeChallenge)", "false"),
      at("endpoints/Authorize.ts", "/^[0-9A-Za-z_-]{43}$/", "/[0-9A-Za-z_-]{43}$/"),
      at("endpoints/Authorize.ts", "/^[0-9A-Za-z_-]{43}$/", "/^[0-9A-Za-z_-]{43}/"),
    ],
  },
  {
    why: "the same: the name tells it from others, and no other has an empty one",
    places: [at("Caller.ts", '"grantlog/http/OperatorNotice"', '""')],
  },
  {
    why: "the same: a text that has neither of the two is itself when it is decoded",
    places: [at("ClientAuthentication.ts", "!/[%+]/.test(text)", "false")],
  },
  {
    why: "the same: no route has an endpoint for any other method",
    places: [at("Endpoints.ts", 'method === "GET" || method === "POST"', "true")],
  },
  {
    why: "the same: what is not `fixed-window` is a bucket of tokens",
    places: [at("Limits.ts", '"token-bucket"', '""')],
  },
  {
    why: "the same: one is taken only where one is left, so that nothing is ever owed",
    places: [at("Limits.ts", '"delay"', '""')],
  },
  {
    why: "the same, more slowly: without networks nobody is trusted",
    places: [at("Source.ts", "networks.length === 0", "false")],
  },
]
