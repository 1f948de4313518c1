/** Calls of the data room. */

import type { IssueDoc, IssueKindsDoc, IssuePageDoc, IssueQuery } from './data'

export interface DataApi {
  issueKinds(version: string): Promise<IssueKindsDoc>
  issues(version: string, query: IssueQuery): Promise<IssuePageDoc>
  issue(version: string, issueId: string): Promise<IssueDoc>
  /** Address of the marks of a version, with places for zoom, column and row. */
  issueTiles(version: string): string
}

export const ISSUE_PAGE = 50

type Get = <T>(path: string) => Promise<T>

const id = encodeURIComponent

export function dataCalls(base: string, get: Get): DataApi {
  const issues = (version: string): string => `/versions/${id(version)}/issues`
  return {
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
