import { readFileSync } from 'node:fs'
import { describe, expect, it } from 'vitest'
import { createApi, Failure, schemeIdOf } from '../src/contract/client'
import { readRenewal } from '../src/contract/renewal'
import { job, scheme } from './builders'

interface Call {
  url: string
  method: string
  body: unknown
  language: string | null
}

function server(answers: Record<string, [number, unknown]>): { fetcher: typeof fetch; calls: Call[] } {
  const calls: Call[] = []
  const fetcher = ((url: string, init: RequestInit = {}) => {
    const method = init.method ?? 'GET'
    const body: unknown = typeof init.body === 'string' ? JSON.parse(init.body) : null
    calls.push({ url, method, body, language: new Headers(init.headers).get('Accept-Language') })
    const [status, answer] = answers[`${method} ${url}`] ?? [404, {}]
    return Promise.resolve(new Response(JSON.stringify(answer), { status }))
  }) as typeof fetch
  return { fetcher, calls }
}

const request = scheme().request

describe('the client', () => {
  it('takes a scheme that is ready and a job that is not', async () => {
    const ready = server({ 'POST /api/v1/schemes?wait_s=1.2': [200, scheme('S1')] })
    const busy = server({ 'POST /api/v1/schemes?wait_s=1.2': [202, job('running')] })
    const client = (fetcher: typeof fetch) => createApi(() => 'zh', '/api/v1', fetcher)
    expect(await client(ready.fetcher).requestScheme(request)).toMatchObject({ scheme: { id: 'S1' } })
    expect(await client(busy.fetcher).requestScheme(request)).toMatchObject({ job: { id: 'J1' } })
    expect(ready.calls[0]).toMatchObject({ body: request, language: 'zh-CN' })
  })
  it('keeps the sentence of a problem in both languages', async () => {
    const problem = { type: 'urn:x', title: '标题', title_en: 'title', detail: '没有水源', detail_en: 'no source', status: 503 }
    const { fetcher } = server({ 'GET /api/v1/network': [503, problem] })
    const failure = await createApi(() => 'zh', '/api/v1', fetcher).network().catch((error: unknown) => error)
    expect(failure).toBeInstanceOf(Failure)
    expect(failure).toMatchObject({ kind: 'refused', status: 503, sentence: { zh: '没有水源', en: 'no source' } })
  })
  it('tells a silent server from one that refuses', async () => {
    const dead = (() => Promise.reject(new TypeError('failed'))) as typeof fetch
    await expect(createApi(() => 'zh', '/api/v1', dead).network()).rejects.toMatchObject({ kind: 'unreachable' })
  })
  it('reads an empty list before the first renewal run', async () => {
    const { fetcher } = server({ 'GET /api/v1/renewal': [200, { run: null, document: { candidates: [] }, decisions: {} }] })
    expect(await createApi(() => 'zh', '/api/v1', fetcher).renewal()).toEqual({ run: null, candidates: [] })
  })
  it('keeps strange ids safe in addresses', async () => {
    const api = createApi(() => 'zh')
    expect(api.fileUrl('S 1/ä', 'plan.dxf')).toBe('/api/v1/schemes/S%201%2F%C3%A4/files/plan.dxf')
    expect(schemeIdOf(job('done', { result: '/api/v1/schemes/S%201' }))).toBe('S 1')
    const { fetcher, calls } = server({ 'PUT /api/v1/renewal/candidates/JS1-JS2%3F/decision': [200, {}] })
    await createApi(() => 'zh', '/api/v1', fetcher).decide('JS1-JS2?', { decision: 'none', reason: null, until: null })
    expect(calls).toHaveLength(1)
  })
})

describe('the renewal answer', () => {
  it('is joined by pipe', () => {
    const answer = {
      run: { id: 'R1', created: '2026-11-21T11:19:00+00:00', files: ['renewal.xlsx'] },
      document: {
        candidates: [
          { pipe_id: 'A', certainty: 'certain', causes: { age: 'possible' }, evidence_zh: '依据', evidence_en: 'evidence',
            decision: { decision: 'defer', reason: '等地铁', until: '2028-06-30', author: 'local', decided: '2026' } },
          { pipe_id: 'B', certainty: 'possible', decision: { decision: 'none' } },
        ],
        pipes: [{ pipe_id: 'A', outcome: 'together', outcome_zh: '协同', sentence_zh: '随道路大修', recommended_year: 2027 }],
        matches: [
          { pipe_id: 'A', programme_id: 'W1', programme_name: '石桥大街大修', programme_kind_zh: '道路大修', feasible: true },
          { pipe_id: 'A', programme_id: 'W2', feasible: false },
        ],
        standing: [{ pipe_id: 'B', stage_zh: '候选', stage_en: 'Candidate' }],
      },
    }
    const { run, candidates } = readRenewal(answer)
    const [a, b] = candidates
    expect(run?.id).toBe('R1')
    expect(a).toMatchObject({ outcome: { zh: '协同' }, recommended_year: 2027, causes: { age: 'possible' } })
    expect(a?.matches.map((match) => match.programme_id)).toEqual(['W1', 'W2'])
    expect(a?.decision).toMatchObject({ decision: 'defer', until: '2028-06-30' })
    expect(b).toMatchObject({ certainty: 'possible', decision: null, stage: { en: 'Candidate' }, matches: [] })
  })
})

describe('the types of the scheme document', () => {
  const openapi = JSON.parse(readFileSync('../../api/openapi.json', 'utf-8')) as {
    components: { schemas: Record<string, { properties?: Record<string, unknown> }> }
    paths: Record<string, unknown>
  }
  const source = ['wire', 'resources', 'judged', 'quote'].map((name) => readFileSync(`src/contract/${name}.ts`, 'utf-8')).join('')
  const interfaces = [...source.matchAll(/export interface (\w+) \{\n([\s\S]*?)\n\}/g)].map(([, name = '', body = '']) => ({
    name: name.replace(/^(JobDoc|SiteCardDoc|ProblemDoc)$/, (long) => long.slice(0, -3)),
    keys: [...body.matchAll(/^ {2}(\w+)\??:/gm)].map(([, key = '']) => key),
  }))
  const described = interfaces.filter(({ name }) => name in openapi.components.schemas)

  it('are found in the API description', () => {
    expect(described.length).toBeGreaterThan(15)
  })
  it.each(described)('$name has only keys the server writes', ({ name, keys }) => {
    const known = Object.keys(openapi.components.schemas[name]?.properties ?? {})
    expect(keys.filter((key) => !known.includes(key))).toEqual([])
  })
})
