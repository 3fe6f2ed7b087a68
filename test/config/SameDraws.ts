/**
 * What fast-check draws in `npm test` is the same in every run, so that a red test is somebody's change and no chance. The
 * long run draws anew each time, and says by which seed.
 */
import fc from "fast-check"
import { isLong } from "../support/Breadth.ts"

const SEED = 20_301_201

if (!isLong) fc.configureGlobal({ ...fc.readConfigureGlobal(), seed: SEED })
