/** What the addresses of the data room answer with: versions, their differences, their issues. */

import type { Position } from './wire'

export type Severity = 'error' | 'warning' | 'repaired'

export interface IssueKindDoc {
  kind: string
  severity: Severity
  count: number
  /** How many of them have a place on the map. */
  placed: number
  name: string
  name_en: string
}

export interface IssueKindsDoc {
  version: string
  total: number
  kinds: IssueKindDoc[]
}

export interface IssueDoc {
  id: string
  kind: string
  severity: Severity
  subject: string
  layer: string
  layer_label: string
  layer_label_en: string
  position: Position | null
  message: string
  message_en: string
  repair: string | null
  repair_en: string | null
  name: string
  name_en: string
  /** File, row, field and value in the source, where known. */
  place: Record<string, string | number>
}

export interface IssuePageDoc {
  total: number
  offset: number
  issues: IssueDoc[]
}

export interface IssueQuery {
  kind: string | null
  severity: Severity | null
  offset: number
}
