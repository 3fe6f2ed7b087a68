/**
 * The demo provider of the MCP TypeScript SDK 1.x, as it comes: `grantlog check` takes it by itself.
 *
 * Its faults: a replayed code ends nothing, the redirect URI of the token request is compared with nothing, and an access
 * token is good at exactly its end. It has neither refresh tokens nor revocation.
 */
import { DemoInMemoryAuthProvider } from "@modelcontextprotocol/sdk/examples/server/demoInMemoryOAuthProvider.js"

export default () => new DemoInMemoryAuthProvider()
