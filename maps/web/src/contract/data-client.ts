/** Calls of the data room. */

import type { DiffDoc, HistoryDoc, IssueDoc, IssueKindsDoc, IssuePageDoc, IssueQuery, VersionDoc } from './data'

export interface DataApi {
  issueKinds(version: string): Promise<IssueKindsDoc>
  issues(version: string, query: IssueQuery): Promise<IssuePageDoc>
  issue(version: string, issueId: string): Promise<IssueDoc>
  versions(): Promise<VersionDoc[]>
  history(): Promise<HistoryDoc[]>
  /** Counts of every layer; with a layer also its things. */
  diff(older: string, newer: string, layer: string | null): Promise<DiffDoc>
  diffTiles(older: string, newer: string): string
  rollBack(version: string, reason: string, by: string): Promise<void>
  consent(version: string, agree: boolean, reason: string, by: string): Promise<void>
  /** Address of the marks of a version, with places for zoom, column and row. */
  issueTiles(version: string): string
}

export const ISSUE_PAGE = 50

export const DIFF_ROWS = 200

type Get = <T>(path: string) => Promise<T>
type Send = <T>(method: string, path: string, body: unknown) => Promise<T>

const id = encodeURIComponent

export function dataCalls(base: string, get: Get, send: Send): DataApi {
  const issues = (version: string): string => `/versions/${id(version)}/issues`
  const diff = (older: string, newer: string): string => `/versions/${id(older)}/diff/${id(newer)}`
  return {
    versions: () => get('/versions'),
    history: () => get('/versions/history'),
    diff: (older, newer, layer) =>
      get(`${diff(older, newer)}?${layer === null ? 'limit=0' : `limit=${DIFF_ROWS}&layer=${id(layer)}`}`),
    diffTiles: (older, newer) => `${base}${diff(older, newer)}/tiles/{z}/{x}/{y}.mvt`,
    rollBack: (version, reason, by) => send('POST', `/versions/${id(version)}/current`, { reason, by: by || null }),
    consent: (version, agree, reason, by) =>
      send('POST', `/versions/${id(version)}/${agree ? 'approve' : 'reject'}`, { reason, by }),
    issueKinds: (version) => get(`${issues(version)}/kinds`),
    issues(version, { kind, severity, offset }) {
      const query = new URLSearchParams({ offset: String(offset), limit: String(ISSUE_PAGE) })
      if (kind) query.set('kind', kind)
      if (severity) query.set('severity', severity)
      return get(`${issues(version)}?${query}`)
    },
    issue: (version, issueId) => get(`${issues(version)}/${id(issueId)}`),
    issueTiles: (version) => `${base}${issues(version)}/tiles/{z}/{x}/{y}.mvt`,
  }
}
