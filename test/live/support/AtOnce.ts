/**
 * Requests that are there at the same moment: several in one piece on one connection, which a server begins before it has
 * answered any.
 */
import { connect } from "node:net"
import { text } from "node:stream/consumers"

/** Posts each form to a path; gives the statuses of the answers, in order. */
export const postAtOnce = async (
  url: string,
  path: string,
  forms: ReadonlyArray<Readonly<Record<string, string>>>,
): Promise<ReadonlyArray<number>> => {
  const { hostname, port, host } = new URL(url)
  const socket = connect(Number(port), hostname)
  const requests = forms.map((form, index) => {
    const body = new URLSearchParams(form).toString()
    const isLast = index === forms.length - 1
    const head = [
      `POST ${path} HTTP/1.1`,
      `Host: ${host}`,
      "Content-Type: application/x-www-form-urlencoded",
      `Content-Length: ${body.length}`,
      ...(isLast ? ["Connection: close"] : []),
    ]
    return `${head.join("\r\n")}\r\n\r\n${body}`
  })
  socket.write(requests.join(""))
  return [...(await text(socket)).matchAll(/HTTP\/1\.1 (\d{3}) /g)].map(([, status]) => Number(status))
}
