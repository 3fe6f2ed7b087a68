/**
 * A port for who has to name it before anybody listens there, such as a program that is told it by a flag.
 *
 * None that a system gives to who asks for any, so that nobody comes between; and none of another test's, for it is ours
 * for as long as this thread holds the UDP port that stands for it.
 */
import { randomInt } from "node:crypto"
import { createSocket } from "node:dgram"
import { createServer } from "node:net"

/** From here on, so many. What stands for them is below what systems give, too. */
const FIRST = 10_000
const COUNT = 6_000
const TO_WHAT_STANDS_FOR_IT = 16_000

/** Takes a port of UDP until this thread ends; false where somebody has it. */
const isTaken = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const socket = createSocket("udp4").unref()
    socket.once("error", () => {
      socket.close()
      resolve(false)
    })
    socket.bind({ port, address: "127.0.0.1", exclusive: true }, () => resolve(true))
  })

/** Whether nobody listens there, at whichever address of this machine. */
const isFree = (port: number): Promise<boolean> =>
  new Promise((resolve) => {
    const server = createServer().once("error", () => resolve(false))
    server.listen({ port, exclusive: true }, () => server.close(() => resolve(true)))
  })

/** One that nobody else is given, by this or by another thread or process. */
export const freePort = async (): Promise<number> => {
  for (let index = randomInt(COUNT); ; index = (index + 1) % COUNT) {
    const port = FIRST + index
    if ((await isTaken(port + TO_WHAT_STANDS_FOR_IT)) && (await isFree(port))) return port
  }
}
