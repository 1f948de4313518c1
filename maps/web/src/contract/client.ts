/** The only file that knows addresses. Every failure becomes a Failure with a sentence a person can act on. */

import type { DecisionKind, JobDoc, NetworkInfo, ProblemDoc, RenewalDoc, SchemeSummary, SiteCardDoc } from './resources'
import { readRenewal } from './renewal'
import type { Position, RequestDoc, SchemeDoc } from './wire'

export type Language = 'zh' | 'en'

/** `unreachable`: no answer at all; `refused`: the server says why in `sentence`. */
export class Failure extends Error {
  constructor(
    readonly kind: 'unreachable' | 'refused',
    readonly sentence: string,
    readonly status = 0,
  ) {
    super(sentence)
  }
}

export type SchemeAnswer = { scheme: SchemeDoc } | { job: string }

export interface Api {
  network(): Promise<NetworkInfo>
  style(language: Language): Promise<Record<string, unknown>>
  siteCard(at: Position): Promise<SiteCardDoc>
  requestScheme(request: RequestDoc, signal?: AbortSignal): Promise<SchemeAnswer>
  scheme(id: string): Promise<SchemeDoc>
  schemes(): Promise<SchemeSummary[]>
  fileUrl(schemeId: string, name: string): string
  job(id: string, signal?: AbortSignal): Promise<JobDoc>
  renewal(): Promise<RenewalDoc>
  startRenewal(): Promise<{ job: string }>
  decide(pipeId: string, decision: { decision: DecisionKind; reason: string; until: string | null }): Promise<void>
  withdrawDecision(pipeId: string): Promise<void>
}

export function createApi(language: () => Language, base = '/api/v1', fetcher: typeof fetch = (...a) => fetch(...a)): Api {
  async function call(path: string, init: RequestInit = {}): Promise<Response> {
    const headers = new Headers(init.headers)
    headers.set('Accept-Language', language() === 'zh' ? 'zh-CN' : 'en')
    if (init.body) headers.set('Content-Type', 'application/json')
    let response: Response
    try {
      response = await fetcher(`${base}${path}`, { ...init, headers })
    } catch (error) {
      if (error instanceof DOMException && error.name === 'AbortError') throw error
      throw new Failure('unreachable', '')
    }
    if (!response.ok) throw await failureOf(response)
    return response
  }
  const get = async <T>(path: string, signal?: AbortSignal): Promise<T> => (await (await call(path, { signal })).json()) as T
  const send = (method: string, path: string, body: unknown, signal?: AbortSignal): Promise<Response> =>
    call(path, { method, body: JSON.stringify(body), signal })

  return {
    network: () => get<NetworkInfo>('/network'),
    style: (wanted) => get<Record<string, unknown>>(`/style.json?language=${wanted}`),
    siteCard: (at) => get<SiteCardDoc>(`/site-card?at=${at[0]},${at[1]}`),
    async requestScheme(request, signal) {
      const response = await send('POST', '/schemes', request, signal)
      const body = (await response.json()) as SchemeDoc | { job: string | { id: string } }
      return 'job' in body ? { job: typeof body.job === 'string' ? body.job : body.job.id } : { scheme: body }
    },
    scheme: (id) => get<SchemeDoc>(`/schemes/${encodeURIComponent(id)}`),
    schemes: async () => listOf<SchemeSummary>(await get<unknown>('/schemes'), 'schemes'),
    fileUrl: (schemeId, name) => `${base}/schemes/${encodeURIComponent(schemeId)}/files/${encodeURIComponent(name)}`,
    job: async (id, signal) => readJob(await get<Record<string, unknown>>(`/jobs/${encodeURIComponent(id)}`, signal)),
    renewal: async () => readRenewal(await get<unknown>('/renewal')),
    async startRenewal() {
      const body = (await (await send('POST', '/renewal/runs', {})).json()) as { job?: string | { id: string }; id?: string }
      const job = typeof body.job === 'object' ? body.job.id : (body.job ?? body.id)
      return { job: String(job) }
    },
    async decide(pipeId, decision) {
      await send('PUT', `/renewal/candidates/${encodeURIComponent(pipeId)}/decision`, decision)
    },
    async withdrawDecision(pipeId) {
      await call(`/renewal/candidates/${encodeURIComponent(pipeId)}/decision`, { method: 'DELETE' })
    },
  }
}

function listOf<T>(body: unknown, key: string): T[] {
  if (Array.isArray(body)) return body as T[]
  const inner = (body as Record<string, unknown>)[key]
  return Array.isArray(inner) ? (inner as T[]) : []
}

function readJob(body: Record<string, unknown>): JobDoc {
  const progress = (body.progress ?? body) as Record<string, unknown>
  return {
    id: String(body.id ?? body.job_id),
    status: (body.status ?? body.state) as JobDoc['status'],
    stage: (progress.stage as string | undefined) ?? null,
    done: (progress.done as number | undefined) ?? null,
    total: (progress.total as number | undefined) ?? null,
    result: body.result,
    problem: (body.problem as ProblemDoc | undefined) ?? null,
  }
}

async function failureOf(response: Response): Promise<Failure> {
  try {
    const problem = (await response.json()) as ProblemDoc
    const sentence = problem.detail || problem.title || ''
    return new Failure('refused', sentence, response.status)
  } catch {
    return new Failure('refused', '', response.status)
  }
}
