/** Why mutants of Stryker in `src/http` may live: the pages and their words. */
import { at, type Explanation } from "../../Explanation.ts"

export const pages: ReadonlyArray<Explanation> = [
  {
    why: "the same: graphemes are what a segmenter tells apart by default",
    places: [at("pages/AppName.ts", '{ granularity: "grapheme" }', "{}")],
  },
  {
    why: "the same: no list of words has one that is called `undefined`",
    places: [at("pages/ScopeWords.ts", "word !== undefined", "true")],
  },
  {
    why: "the same for every scope that begins as an address does and has no line break in it",
    places: [
      at(
        "pages/ScopeWords.ts",
        "/^[a-z][a-z0-9+.-]*:\\/\\/.*\\/([^/]*)$/i",
        "/[a-z][a-z0-9+.-]*:\\/\\/.*\\/([^/]*)$/i",
      ),
      at(
        "pages/ScopeWords.ts",
        "/^[a-z][a-z0-9+.-]*:\\/\\/.*\\/([^/]*)$/i",
        "/^[a-z][a-z0-9+.-]*:\\/\\/.*\\/([^/]*)/i",
      ),
    ],
  },
  {
    why: "the same: the empty words between two separators are left out",
    places: [at("pages/ScopeWords.ts", "/[^a-z0-9]+/", "/[^a-z0-9]/")],
  },
  {
    why: "words for people: tests ask for the page and its status, not for the sentence",
    places: [
      at("pages/Strings.ts", '"Nobody can sign in here: the provider behind this server has no login. For deve…', '""'),
      at("pages/Strings.ts", '"You are known over there by a name that cannot be used here. Tell the operator …', '""'),
      at("pages/Strings.ts", '"Many people sign in at the moment. Try again in a second."', '""'),
      at("pages/Strings.ts", '"You have been signed out, or signed in as somebody else, since this page was sh…', '""'),
    ],
  },
  {
    why: "how the pages look, which is nobody's promise",
    places: [
      at("pages/Style.ts", "` :root { color-scheme: light dark; --ground: #f3f4f6; --card: #fff; --plate: #f…", "``"),
    ],
  },
]
