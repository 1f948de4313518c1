/** What the other addresses under /api/v1 answer with. */

import type { Bounds, Position } from './wire'

export interface NetworkInfo {
  version: string
  source: string
  synthetic: boolean
  crs: string | null
  bounds: Bounds | null
  counts: Record<string, number>
}

export interface SchemeSummary {
  id: string
  name: string
  feasible: boolean
  summary: string
  summary_en: string
  total_cny: string | null
  network_version: string
  created: string
}

export interface ProblemDoc {
  type: string
  title: string
  title_en: string
  detail: string
  detail_en: string
  status: number
}

export interface JobDoc {
  id: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: { stage: string; done: number; total: number } | null
  /** Address of what it made. */
  result: string | null
  problem: ProblemDoc | null
}

export interface CardPipe {
  id: string
  dn: number | null
  material: string | null
  role: string | null
  status: string | null
  install_year: number | null
  cover_depth_m: number | null
  road_name: string | null
  distance_m: number
  peak_pressure_mpa: number | null
}

export interface CardTapoff {
  id: string
  dn: number | null
  status: string
  pipe_id: string | null
  pipe_dn: number | null
  distance_m: number
  route_length_m: number | null
  position: Position
  cover_depth_m: number | null
  valve_id: string | null
  peak_pressure_mpa: number | null
  confidence: string
}

export interface CardValve {
  id: string
  dn: number | null
  kind: string
  state: string
  distance_m: number
}

export interface SiteCardDoc {
  position: Position
  elevation_m: number | null
  peak_pressure_mpa: number | null
  pipes: CardPipe[]
  tapoffs: CardTapoff[]
  valves: CardValve[]
  network_version: string
  synthetic: boolean
}

export type DecisionKind = 'pin' | 'defer' | 'dismiss'

export interface Bilingual {
  zh: string
  en: string
}

export interface Decision {
  decision: DecisionKind
  reason: string
  until: string | null
  author: string
  decided: string
}

export interface CandidateMatch {
  programme_id: string
  kind: Bilingual
  name: string | null
  overlap_m: number | null
  window_from: string | null
  window_to: string | null
  feasible: boolean | null
}

export interface Candidate {
  pipe_id: string
  rule_label: Bilingual
  certainty: 'certain' | 'possible' | 'unknown'
  causes: Record<string, 'certain' | 'possible'>
  causes_label: Bilingual
  evidence: Bilingual
  score: number | null
  length_m: number | null
  dn: number | null
  material: string | null
  install_year: number | null
  road_name: string | null
  matches: CandidateMatch[]
  /** Middle of the pipe; null where the network has no coordinate system. */
  position: Position | null
  outcome: Bilingual
  outcome_code: string
  recommended_year: number | null
  sentence: Bilingual
  stage: Bilingual
  decision: Decision | null
}

export interface RenewalDoc {
  run: { id: string; created: string; files: string[] } | null
  candidates: Candidate[]
}
