/** The issues of a version as the page shows them: which kinds, which list, which one. */

import type { IssueDoc, IssueKindDoc, Severity } from '../contract/data'

export const SEVERITIES: Severity[] = ['error', 'warning', 'repaired']

export interface IssuesState {
  version: string | null
  total: number
  kinds: IssueKindDoc[]
  /** Keys of kinds that are switched off on the map. */
  hidden: string[]
  /** Key of the kind whose list is open. */
  open: string | null
  rows: IssueDoc[]
  rowsTotal: number
  selected: IssueDoc | null
  loading: boolean
  error: string | null
}

export function emptyIssues(): IssuesState {
  return {
    version: null,
    total: 0,
    kinds: [],
    hidden: [],
    open: null,
    rows: [],
    rowsTotal: 0,
    selected: null,
    loading: false,
    error: null,
  }
}

/** A kind may be a warning here and a repair there: both together name one row of the list. */
export function kindKey(one: { kind: string; severity: Severity }): string {
  return `${one.kind}|${one.severity}`
}

export function kindOf(issues: IssuesState, key: string | null): IssueKindDoc | null {
  return issues.kinds.find((one) => kindKey(one) === key) ?? null
}

export function shownKeys(issues: IssuesState): string[] {
  return issues.kinds.map(kindKey).filter((key) => !issues.hidden.includes(key))
}

export function severityCount(issues: IssuesState, severity: Severity): number {
  return issues.kinds.filter((one) => one.severity === severity).reduce((sum, one) => sum + one.count, 0)
}
