/** Why mutants of Stryker in `src/client` may live: what the client reads of others, and shows them. */
import { at, type Explanation } from "../../Explanation.ts"

export const answers: ReadonlyArray<Explanation> = [
  {
    why: "the same: a client that is known as `none` and has a secret goes by what the server takes, like one of no known method",
    places: [
      at("tokens/ClientAuthentication.ts", 'method === "none"', "false"),
      at("tokens/ClientAuthentication.ts", '"none"', '""'),
    ],
  },
  {
    why: "the same: a server that names no method of these is shown the header",
    places: [
      at("tokens/ClientAuthentication.ts", '"client_secret_basic"', '""'),
      at("tokens/ClientAuthentication.ts", '["client_secret_basic"]', "[]"),
    ],
  },
  {
    why: "never reached: where there is no secret, none is sent",
    places: [at("tokens/ClientAuthentication.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "never reached: a switch over every case; the default is for the compiler alone",
    places: [at("tokens/TokenRequest.ts", "default: return answer satisfies never", "default:")],
  },
  {
    why: "the same: a code that is not there is in no list, and neither is what Stryker writes",
    places: [
      at("registration/Registration.ts", '""', '"Stryker was here!"'),
      at("tokens/TokenResponse.ts", '""', '"Stryker was here!"'),
    ],
  },
  {
    why: "for the compiler alone: a member that is `undefined` and one that is not there mean the same to whoever reads it",
    places: [at("discovery/MetadataDocument.ts", "cause === undefined", "false")],
  },
  {
    why: "the same: what does not name S256 does not, whatever else it names",
    places: [at("discovery/ServerMetadata.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "for the compiler alone: what is not there is in no list",
    places: [
      at("tokens/TokenRequest.ts", 'typeof one === "string"', "true"),
      at("tokens/TokenRequest.ts", "header !== null", "true"),
    ],
  },
  {
    why: "the same: a place that is there twice is asked once",
    places: [
      at("discovery/Discovery.ts", 'path === ""', "false"),
      at("discovery/Discovery.ts", '""', '"Stryker was here!"'),
    ],
  },
  {
    why: "the same: of what is merely absent or bare neither code nor kind is looked at: only whether it is `absent` or `broken`",
    places: [
      at("discovery/MetadataDocument.ts", '"bare"', '""'),
      at("discovery/MetadataDocument.ts", '"metadata_not_found"', '""'),
    ],
  },
  {
    why: "the same: a lone slash is one at the end",
    places: [
      at("discovery/WellKnownUri.ts", 'pathname === "/"', "false"),
      at("discovery/WellKnownUri.ts", '"/"', '""'),
    ],
  },
  {
    why: "for the compiler alone: no number compares with a time or a count that is not there",
    places: [at("registration/RegistrationResponse.ts", "expiresAt !== undefined", "true")],
  },
  {
    why: "the same: what is no address is left out",
    places: [at("Options.ts", "[]", '["Stryker was here"]'), at("Options.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: behind the end there is nothing that could be around an address",
    places: [
      at("discovery/ResourceMetadata.ts", "start < end", "start <= end"),
      at("discovery/ResourceMetadata.ts", "start < end", "true"),
    ],
  },
  {
    why: "the same: a text that is no address leads nowhere, as an empty one does",
    places: [at("discovery/ResourceMetadata.ts", '""', '"Stryker was here!"')],
  },
  {
    why: "the same: what is empty between two spaces is left out",
    places: [
      at("authorization/ScopeSelection.ts", "/\\s+/", "/\\s/"),
      at("tokens/TokenResponse.ts", "/[^a-z]+/", "/[^a-z]/"),
    ],
  },
  {
    why: "the same: the fault of the host that did not answer stands before it, and says the same of the search",
    places: [
      at("discovery/WellKnownLookup.ts", '"server_unavailable"', '""'),
      at("discovery/WellKnownLookup.ts", '"broken"', '""'),
    ],
  },
  {
    why: "the same: before it is shown it is brought onto one line, without space around it",
    places: [at("tokens/TokenResponse.ts", "text.trim()", "text")],
  },
]
