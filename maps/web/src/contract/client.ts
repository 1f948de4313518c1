/** The only file that knows addresses. Every failure becomes a Failure with a sentence a person can act on. */

import { dataCalls, type DataApi } from './data-client'
import { Failure, failureFrom } from './failure'
import { hydraulicsCalls, type HydraulicsApi } from './hydraulics'
import { intakeCalls, type IntakeApi } from './intake-client'
import { lifeCalls, type LifeApi } from './life'
import { readRenewal } from './renewal'
import type {
  DecisionKind,
  JobDoc,
  NetworkInfo,
  RenewalDoc,
  SchemeSummary,
  SiteCardDoc,
} from './resources'
import { sendFile } from './upload'
import type { Position, RequestDoc, SchemeDoc } from './wire'

export { Failure, problemSentence } from './failure'

export type Language = 'zh' | 'en'

export type SchemeAnswer = { scheme: SchemeDoc } | { job: JobDoc }

export interface DecisionBody {
  decision: DecisionKind | 'none'
  reason: string | null
  until: string | null
}

export interface Api extends DataApi, HydraulicsApi, IntakeApi, LifeApi {
  network(): Promise<NetworkInfo>
  style(language: Language): Promise<Record<string, unknown>>
  siteCard(at: Position): Promise<SiteCardDoc>
  requestScheme(request: RequestDoc, signal?: AbortSignal): Promise<SchemeAnswer>
  scheme(id: string): Promise<SchemeDoc>
  schemes(): Promise<SchemeSummary[]>
  job(id: string, signal?: AbortSignal): Promise<JobDoc>
  cancelJob(id: string): Promise<void>
  renewal(): Promise<RenewalDoc>
  startRenewal(): Promise<JobDoc>
  decide(pipeId: string, decision: DecisionBody): Promise<void>
}

/** How long the server may keep a request before it answers with a job, so that progress can be shown. */
const PATIENCE_S = 1.2

type Fetcher = typeof fetch

export function createApi(language: () => Language, base = '/api/v1', fetcher: Fetcher = (...a) => fetch(...a)): Api {
  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('Accept-Language', language() === 'zh' ? 'zh-CN' : 'en')
    if (init.body) headers.set('Content-Type', 'application/json')
    let response: Response
    try {
      response = await fetcher(`${base}${path}`, { ...init, headers })
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error
      throw new Failure('unreachable')
    }
    if (!response.ok) throw failureFrom(response.status, await response.text())
    return response
  }
  const get = async <T>(path: string, signal?: AbortSignal): Promise<T> =>
    (await (await call(path, { signal: signal ?? null })).json()) as T
  const send = async <T>(method: string, path: string, body: unknown, signal?: AbortSignal): Promise<T> =>
    (await (await call(path, { method, body: JSON.stringify(body), signal: signal ?? null })).json()) as T
  const drop = async (path: string): Promise<void> => void (await call(path, { method: 'DELETE' }))
  const id = encodeURIComponent

  return {
    ...dataCalls(base, get, send),
    ...intakeCalls(base, get, send, drop, sendFile),
    ...hydraulicsCalls(base, get, send),
    ...lifeCalls(base, get, send),
    network: () => get<NetworkInfo>('/network'),
    style: (wanted) => get<Record<string, unknown>>(`/style.json?language=${wanted}`),
    siteCard: (at) => get<SiteCardDoc>(`/site-card?at=${at[0]},${at[1]}`),
    async requestScheme(request, signal) {
      const body = await send<SchemeDoc | JobDoc>('POST', `/schemes?wait_s=${PATIENCE_S}`, request, signal)
      return 'options' in body ? { scheme: body } : { job: body }
    },
    scheme: (schemeId) => get<SchemeDoc>(`/schemes/${id(schemeId)}`),
    schemes: () => get<SchemeSummary[]>('/schemes?count=500'),
    job: (jobId, signal) => get<JobDoc>(`/jobs/${id(jobId)}`, signal),
    async cancelJob(jobId) {
      await call(`/jobs/${id(jobId)}`, { method: 'DELETE' })
    },
    renewal: async () => readRenewal(await get<unknown>('/renewal')),
    startRenewal: () => send<JobDoc>('POST', '/renewal/runs', { kind: 'coordinate' }),
    async decide(pipeId, decision) {
      await send('PUT', `/renewal/candidates/${pipeId.split('/').map(id).join('/')}/decision`, decision)
    },
  }
}

/** The scheme a finished job made, from the address it names. */
export function schemeIdOf(job: JobDoc): string | null {
  const last = job.result?.split('/').pop()
  return last ? decodeURIComponent(last) : null
}
