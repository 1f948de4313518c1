/** Sends one file and tells how much has gone: fetch cannot, so this is the old way of asking. */

import { Failure, failureFrom } from './failure'
import type { Sent } from './intake'

export function sendFile<T>(url: string, content: Blob, report: (sent: Sent) => void, signal: AbortSignal): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    const stop = (): void => request.abort()
    request.open('PUT', url)
    request.setRequestHeader('Content-Type', 'application/octet-stream')
    request.upload.onprogress = ({ loaded, total }) => report({ done: loaded, total })
    request.onload = () => {
      signal.removeEventListener('abort', stop)
      if (request.status < 300) resolve(JSON.parse(request.responseText) as T)
      else reject(failureFrom(request.status, request.responseText))
    }
    request.onerror = () => reject(new Failure('unreachable'))
    request.onabort = () => reject(new DOMException('stopped', 'AbortError'))
    signal.addEventListener('abort', stop)
    if (signal.aborted) stop()
    else request.send(content)
  })
}
