/**
 * The order of test files where nobody knows yet how long they take, as in a fresh clone: the largest first, as usual, but
 * before them those that are short to read and long to run, so that none of these is left alone at the end.
 */
import { BaseSequencer, type TestSpecification } from "vitest/node"

const LONG = ["test/kit/", "test/cli/check/", "properties/explore/", "properties/random/", "test/random/"]

const isLong = ({ moduleId }: TestSpecification): boolean => LONG.some((part) => moduleId.includes(`/${part}`))

export class LongFirst extends BaseSequencer {
  override async sort(files: Array<TestSpecification>): Promise<Array<TestSpecification>> {
    const isKnown = (file: TestSpecification) => this.ctx.cache.getTestSpecificationResult(file) !== undefined
    // Projects stay together: a worker is of one.
    const projects = Map.groupBy(await super.sort(files), ({ project }) => project.name)
    return [...projects.values()].flatMap((own) =>
      own.some(isKnown) ? own : [...own.filter(isLong), ...own.filter((file) => !isLong(file))],
    )
  }
}
