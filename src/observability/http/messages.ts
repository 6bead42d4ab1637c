/**
 * Requests and responses that take no memory behind the end of their connection.
 *
 * Node goes on parsing what has come with the request for which a connection was cut off, and keeps the thousands of requests
 * and responses that it makes of it until the event loop deals with the end. Hundreds of connections at once would fill the
 * thread's memory so. All that is made for a connection that was cut off is therefore one object, which does nothing.
 */
import { IncomingMessage, ServerResponse } from 'node:http'
import { Socket } from 'node:net'

class DiscardedRequest extends IncomingMessage {
  override push(): boolean {
    return true
  }
}

class DiscardedResponse extends ServerResponse {
  override on(): this {
    return this
  }

  override end(): this {
    return this
  }
}

const discardedRequest = new DiscardedRequest(new Socket())
discardedRequest.socket.destroy()
const discardedResponse = new DiscardedResponse(discardedRequest)

/** `discardedRequest` where the connection was cut off: for IncomingMessage of a server's options. */
export class Request extends IncomingMessage {
  // biome-ignore lint/correctness/noUnreachableSuper: there is nothing to be made where it is not called
  constructor(socket: Socket) {
    if (socket.destroyed) {
      // biome-ignore lint/correctness/noConstructorReturn: Node takes what its constructors return
      return discardedRequest as Request
    }
    super(socket)
  }
}

/** Likewise for ServerResponse. */
export class Response<R extends IncomingMessage = IncomingMessage> extends ServerResponse<R> {
  // biome-ignore lint/correctness/noUnreachableSuper: as above
  constructor(request: R, ...more: unknown[]) {
    if (request === (discardedRequest as IncomingMessage)) {
      // biome-ignore lint/correctness/noConstructorReturn: as above
      return discardedResponse as unknown as Response<R>
    }
    super(request, ...(more as []))
  }
}

export function isDiscarded(request: IncomingMessage): boolean {
  return request === discardedRequest
}
