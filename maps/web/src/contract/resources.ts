/** What the other addresses under /api/v1 answer with. */

import type { Bounds, Position, ReliesDoc } from './wire'

export interface NetworkInfo {
  version: string
  source: string
  synthetic: boolean
  crs: string | null
  bounds: Bounds | null
  /** Nothing has been imported yet. */
  empty?: boolean
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
  state?: LifeState | null
  until?: string | null
  days_left?: number | null
  option?: number | null
  by?: string | null
  /** Where the tie-in is that it holds, or held last. */
  position?: Position | null
  /** False: planned on the command line; its document and files are not here. */
  stored?: boolean
}

export type LifeState = 'draft' | 'accepted' | 'expired' | 'withdrawn' | 'superseded' | 'built'

export interface ProblemDoc {
  type: string
  title: string
  title_en: string
  detail: string
  detail_en: string
  status: number
  /** Of a conflict: the scheme that is in the way. */
  rival?: string
}

export interface JobDoc {
  id: string
  state: 'queued' | 'running' | 'done' | 'failed' | 'cancelled'
  progress: { stage: string; done: number; total: number } | null
  /** Address of what it made. */
  result: string | null
  problem: ProblemDoc | null
}

/** How an attribute is known: surveyed, as-built, inferred, filled, unknown. */
export type Confidence = string

export interface CardPipe {
  id: string
  dn: number | null
  material: string | null
  role: string | null
  status: string | null
  install_year: number | null
  age_years: number | null
  cover_depth_m: number | null
  road_name: string | null
  dn_confidence: Confidence | null
  material_confidence: Confidence | null
  install_year_confidence: Confidence | null
  cover_depth_confidence: Confidence | null
  distance_m: number
  /** The point of the pipe nearest to the place asked about. */
  position: Position
  peak_pressure_mpa: number | null
  /** Whether water stands in it at the peak hour; null when that cannot be computed. */
  fed: boolean | null
  flow_lps: number | null
  velocity_mps: number | null
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
  confidence: Confidence
  /** surveyed: in the register or seen; derived: told from the shape of the network. */
  origin: string
  reserved_until: string | null
  last_visit: string | null
}

export interface CardValve {
  id: string
  dn: number | null
  kind: string
  state: string
  pipe_id: string | null
  distance_m: number
  position: Position
}

export interface CardRunning {
  computed: boolean
  /** Why nothing could be computed. */
  problem: Bilingual | null
  fed: boolean | null
  fed_pipe_id: string | null
  source: { id: string; name: string | null; kind: string | null; head_m: number | null } | null
  through: { id: string; kind: string } | null
  closed_valves: string[]
  closed_pipes: string[]
}

export interface SiteCardDoc {
  position: Position
  elevation_m: number | null
  peak_pressure_mpa: number | null
  /** Whose pressure it is: the nearest pipe with water. */
  pressure: { peak_mpa: number; peak_head_m: number; pipe_id: string; distance_m: number; relies_on?: ReliesDoc | null } | null
  pipes: CardPipe[]
  tapoffs: CardTapoff[]
  valves: CardValve[]
  running: CardRunning
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
