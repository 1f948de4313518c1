/** What the addresses of the import page answer with, and the mapping document it edits. */

import type { Bilingual } from './resources'
import type { DiffDoc, IssueDoc, IssueKindDoc, RemovalDoc } from './data'
import type { Position } from './wire'

export interface DraftFile {
  name: string
  bytes: number
}

export type DraftPart = 'suggestion' | 'check' | 'result'
export type DraftTask = 'suggest' | 'check' | 'publish'

export interface DraftDoc {
  id: string
  created: string
  title: string
  files: DraftFile[]
  bytes: number
  job: string | null
  /** What that job does. */
  task: DraftTask | null
  parts: DraftPart[]
  /** Not there in the list of drafts. */
  mapping?: MappingDoc | null
}

/** A column by itself, or with what has to be known to read it. */
export type FieldRule = string | { column?: string; columns?: string[]; unit?: string; codes?: Record<string, string>; value?: string | number }

/** How one source table becomes rows of one layer; the same keys as in the mapping file. */
export interface LayerRule {
  layer: string
  file?: string
  table?: string
  crs?: string
  where?: Record<string, string[] | string>
  fields?: Record<string, FieldRule>
  x?: string
  y?: string
  end_x?: string
  end_y?: string
  survey?: string
}

export interface MappingDoc {
  format: number
  crs?: string
  derive_tapoffs?: boolean
  layer?: LayerRule[]
  [other: string]: unknown
}

export type Sure = 'high' | 'medium' | 'low'

export interface SuggestedColumn {
  column: string
  attribute: string | null
  confidence: Sure | null
  why: string
  why_en: string
  samples: string[]
  filled_share: number
  unread: string[]
}

export interface SuggestedTable {
  file: string
  table: string
  kind: string
  rows: number
  geometry: string | null
  crs: string | null
  layer: string | null
  confidence: Sure | null
  why: string
  why_en: string
  columns: SuggestedColumn[]
  problem: string | null
}

export interface TableHead {
  file: string
  table: string
  columns: string[]
  rows: { row: number; values: (string | null)[] }[]
}

export interface SuggestionDoc {
  kind: 'tables' | 'model'
  tables: SuggestedTable[]
  document: MappingDoc
  heads: TableHead[]
}

export interface Doubt {
  row: number | null
  column: string | null
  kind: string
  severity: 'error' | 'warning' | 'repaired'
  message: string
  message_en: string
}

export interface CountedIssue {
  kind: string
  severity: 'error' | 'warning' | 'repaired'
  count: number
  message: string
  message_en: string
}

export interface PreviewTable {
  file: string
  table: string
  layer: string
  layer_label: string
  count: number
  rows: Record<string, string | number | boolean | null>[]
  columns: { attribute: string; label: string; filled_share: number }[]
  labels: Record<string, [string, string]>
  issues: CountedIssue[]
  doubts: Doubt[]
}

export interface SketchFeature {
  type: 'Feature'
  geometry: { type: string; coordinates: unknown } | null
  properties: Record<string, unknown>
}

export interface PreviewDoc {
  crs: string | null
  crs_name: string | null
  tables: PreviewTable[]
  issues: CountedIssue[]
  skipped: string[]
  features: { type: 'FeatureCollection'; features: SketchFeature[] }
  drawn: number
  shapes: number
}

export interface CheckDoc {
  version: string
  crs: string | null
  synthetic: boolean
  counts: Record<string, number>
  length_m: number
  issues: Record<'error' | 'warning' | 'repaired', number>
  kinds: IssueKindDoc[]
  examples: IssueDoc[]
  against: (DiffDoc & { removals: (RemovalDoc & { is_much: boolean })[] }) | null
}

export interface ResultDoc {
  version: string
  parent: string | null
  state: 'published' | 'pending'
  removals?: RemovalDoc[]
  counts: Record<string, number>
  length_m: number
  issues: Record<'error' | 'warning' | 'repaired', number>
}

export interface KeptMapping {
  name: string
  saved: string
}

export interface AttributeWord {
  name: string
  label: string
  label_en: string
  type: string
  units: string[]
  required: boolean
  codes: Record<string, [string, string]>
}

export interface LayerWord {
  name: string
  label: string
  label_en: string
  geometry: string
  id: string
  attributes: AttributeWord[]
}

export interface DictionaryDoc {
  layers: LayerWord[]
  surveys: Record<string, string[]>
  limits: { file_bytes: number; draft_bytes: number; files: number; suffixes: string[] }
}

/** A file as the browser hands it over, with its place in a dropped folder. */
export interface BroughtFile {
  name: string
  content: Blob
}

export interface Sent {
  done: number
  total: number
}

export type { Bilingual, Position }
