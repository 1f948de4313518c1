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

export type VersionState = 'published' | 'pending' | 'rejected' | 'damaged'

export interface RemovalDoc {
  layer: string
  before: number
  removed: number
}

/** Of a damaged version only the first four are there. */
export interface VersionDoc {
  version: string
  state: VersionState
  current: boolean
  problem?: string | null
  parent?: string | null
  created?: string | null
  source?: string | null
  synthetic?: boolean | null
  counts?: Record<string, number> | null
  length_m?: number | null
  issue_counts?: Record<Severity, number> | null
  proposal?: { by: string | null; when: string; base: string | null; removals: RemovalDoc[] } | null
}

export interface HistoryDoc {
  when: string
  action: 'import' | 'propose' | 'approve' | 'reject' | 'rollback' | 'asbuilt' | 'copy'
  version: string
  previous: string | null
  reason: string | null
  by: string | null
}

export type ChangeKind = 'added' | 'changed' | 'removed'
export type LayerCounts = Record<ChangeKind, number>

export interface ChangeDoc {
  geometry: { type: string; coordinates: unknown } | null
  properties: {
    layer: string
    id: string
    change: ChangeKind
    fields: string[]
    before: Record<string, unknown>
    after: Record<string, unknown>
  }
}

export interface DiffDoc {
  old: string
  new: string
  layers: Record<string, LayerCounts>
  attributes: Record<string, Record<string, number>>
  labels: Record<string, { label: [string, string]; attributes: Record<string, [string, string]> }>
  bounds: [number, number, number, number] | null
  limit: number
  left_off: Record<string, Partial<LayerCounts>>
  features: { features: ChangeDoc[] }
}
