/** Requests that go on, one after the other from each of a few callers, until they are told to end; whatever failed is kept. */
import { request } from "node:https"
import { text } from "node:stream/consumers"

export interface Sent {
  readonly status: number
  readonly body: string
}

/** A request on a connection of its own, so that no connection that was kept open is in question. */
export const send = (
  url: string,
  ca: string,
  form?: Readonly<Record<string, string>>,
  headers: Readonly<Record<string, string>> = {},
): Promise<Sent> =>
  new Promise((resolve, reject) => {
    const body = form === undefined ? undefined : new URLSearchParams(form).toString()
    const sent = request(
      url,
      {
        agent: false,
        ca,
        method: body === undefined ? "GET" : "POST",
        headers: {
          ...headers,
          ...(body === undefined ? {} : { "content-type": "application/x-www-form-urlencoded" }),
        },
      },
      (answer) => void text(answer).then((said) => resolve({ status: answer.statusCode!, body: said }), reject),
    )
    sent.on("error", reject).end(body)
  })

export interface Load {
  /** Ends it; gives how many were answered, and what was not answered by 200. */
  readonly end: () => Promise<{ readonly answeredCount: number; readonly failures: ReadonlyArray<string> }>
}

/** Every caller goes on with its own kind of request. */
export const startLoad = (callers: ReadonlyArray<(count: number) => Promise<Sent>>): Load => {
  let isOver = false
  let answeredCount = 0
  const failures: Array<string> = []
  const callings = callers.map(async (call) => {
    for (let count = 0; !isOver; count++) {
      const answer = await call(count).catch((cause: unknown) => ({ status: 0, body: String(cause) }))
      if (answer.status === 200) answeredCount++
      else failures.push(`${answer.status}: ${answer.body}`)
    }
  })
  return {
    end: async () => {
      isOver = true
      await Promise.all(callings)
      return { answeredCount, failures }
    },
  }
}
