/** Why mutants of Stryker in `src/resource` may live. */
import { at, type Explanation } from "../Explanation.ts"

export const resource: ReadonlyArray<Explanation> = [
  {
    why: "never reached: the pattern matches every text",
    places: [
      at("BearerToken.ts", '""', '"Stryker was here!"'),
      at("BearerToken.ts", '""', '"Stryker was here!"'),
      at("BearerToken.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "the same: the first match begins where the text does, and the last group takes all that is left",
    places: [
      at("BearerToken.ts", "/^([^ ]*) *(.*)$/s", "/^([^ ]*) *(.*)/s"),
      at("BearerToken.ts", "/^([^ ]*) *(.*)$/s", "/([^ ]*) *(.*)$/s"),
    ],
  },
  {
    why: "the same: a key is compared and never shown, so that either encoding serves",
    places: [at("AnswerCache.ts", '"base64url"', '""')],
  },
  {
    why: "the same: what is no object counts as frozen",
    places: [
      at(
        "AnswerCache.ts",
        'typeof one !== "object" || one === null || Object.isFrozen(one)',
        '(typeof one !== "object" || one === null) && Object.isFrozen(one)',
      ),
      at("AnswerCache.ts", 'typeof one !== "object" || one === null', 'typeof one !== "object" && one === null'),
      at("AnswerCache.ts", 'typeof one !== "object" || one === null', "false"),
      at("AnswerCache.ts", 'typeof one !== "object"', "false"),
      at("AnswerCache.ts", "one === null", "false"),
    ],
  },
  {
    why: "the same: an answer whose time is over is given to nobody, kept or not",
    places: [at("AnswerCache.ts", "until <= now()", "until < now()"), at("AnswerCache.ts", "until <= now()", "false")],
  },
  {
    why: "the same: the only item is a scope that nobody refuses",
    places: [at("Options.ts", "[]", '["Stryker was here"]'), at("Options.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "the same: the only item is a scope that nobody needs",
    places: [at("Gate.ts", "[]", '["Stryker was here"]')],
  },
  {
    why: "the same: a header that is of no scheme of ours is as good as none",
    places: [
      at("protectResource.ts", "[]", '["Stryker was here"]'),
      at("protectResource.ts", "[]", '["Stryker was here"]'),
      at("protectResource.ts", "[]", '["Stryker was here"]'),
    ],
  },
  {
    why: "for the compiler alone: a request that a server of Node got has both a method and a target",
    places: [at("protectResource.ts", '"GET"', '""'), at("protectResource.ts", '"/"', '""')],
  },
]
