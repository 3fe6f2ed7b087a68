/** What Node has compiled is kept for the next thread, and for the next run. */
import { enableCompileCache } from "node:module"
import { fileURLToPath } from "node:url"

enableCompileCache(fileURLToPath(new URL("../../node_modules/.cache/grantlog-tests", import.meta.url)))
