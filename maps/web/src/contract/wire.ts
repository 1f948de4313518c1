/** The scheme document as the server writes it: the same keys as design/wire, units in the names, money as text. */

import type { QuoteDoc } from './quote'
import type { OverrideAsked, OverrideDoc, PinAsked, ScoreDoc, SupplyModeDoc, WeightPart, WeightsDoc } from './judged'

export type { QuoteDoc, QuoteLineDoc } from './quote'

export type Verdict = 'pass' | 'fail' | 'warn'
export type Position = [number, number]
export type Bounds = [number, number, number, number]

export interface Clause {
  name: string
  formula: string
  inputs: Record<string, number | string>
  value: number
  unit: string
  clause: string
  source: string
  confidence: string
}

export interface DemandDoc {
  design_flow_lps: number
  peak_hour_lps: number
  max_day_m3: number
  fire_flow_lps: number
  method: string
  even_use: boolean
  clauses: Clause[]
}

export interface ConnectionDoc {
  kind: 'tapoff' | 'new-tap'
  tapoff_id: string | null
  pipe_id: string | null
  pipe_dn: number
  pipe_material: string
  dn: number
  position: Position
  method: string
  method_text: string
  cover_depth_m: number | null
  valve_id: string | null
  status: string | null
  confidence: string
  distance_m: number
}

export interface SurfaceDoc {
  surface: string
  length_m: number
  road_name?: string
  road_class?: string
}

export interface LineGeometry {
  type: 'LineString'
  coordinates: Position[]
}

/** Which of the routes of its point it is: 1 the cheapest, 0 drawn by hand; and how it runs, in words. */
export interface WayDoc {
  number?: number | null
  length_m: number
  asked?: string | null
  asked_text?: string
  asked_text_en?: string
  how?: string
  how_en?: string
}

export interface RejectedRouteDoc extends WayDoc {
  geometry: LineGeometry
}

/** What would make the first option pass: the change, its price alone and with the connection, and what it does. */
export interface FixDoc {
  kind: string
  what: string
  what_en: string
  extra_cny: string
  total_cny: string
  site_pressure_before_mpa: number
  site_pressure_after_mpa: number
  newly_below_after: number
  geometry: { type: string; coordinates: unknown } | null
  checked_by: string
}

export interface RouteDoc extends WayDoc {
  geometry: LineGeometry
  surfaces: SurfaceDoc[]
  basis: 'streets' | 'pipes' | 'straight'
  basis_text: string
}

export interface ServicePipeDoc {
  dn: number
  material: string
  series: string
  outer_diameter_mm: number
  inner_diameter_mm: number
  velocity_mps: number
  headloss_m: number
  friction_m: number
  local_m: number
  clause: string
}

export interface MeterDoc {
  dn: number
  q3_m3h: number
  q4_m3h: number
  ratio_r: number
  type: string
  headloss_m: number
  clause: string
}

export interface NeighbourDoc {
  node_id: string
  position: Position | null
  elevation_m: number
  pressure_before_m: number
  pressure_after_m: number
  pressure_before_mpa: number
  pressure_after_mpa: number
}

/** How the sizes, roughness and ground on the water's way to a place are known; lengths in metres by confidence. */
export interface ReliesDoc {
  path_length_m: number
  path_pipes: number
  dn_m: Record<string, number>
  roughness_m: Record<string, number>
  elevation_confidence: string
  doubtful_pipes: string[]
  /** Pumps, valves and tanks on the way of which the model assumes something. */
  assumed_devices?: string[]
}

/** What the pressure at the tie-in may really be, and the reading that would decide it. */
export interface RangeDoc {
  low_m: number
  high_m: number
  coverage_share: number
  verdict: 'safe' | 'unsafe' | 'measure-here'
  by_cause_sd_m: Record<string, number>
  measure_at: { node_id: string; quantity: 'pressure' | 'elevation'; removes_share: number; position?: Position | null } | null
}

export interface CheckDoc {
  engine: string
  scenario: string
  converged: boolean
  pressure_required_mpa: number
  site_elevation_m: number
  site_pressure_before_mpa: number
  site_pressure_after_mpa: number
  margin_m: number
  tie_in_pressure_before_mpa: number
  tie_in_pressure_after_mpa: number
  neighbour_limit_mpa: number
  worst_neighbour: NeighbourDoc | null
  newly_below_limit: NeighbourDoc[]
  most_affected: NeighbourDoc[]
  relies_on?: ReliesDoc | null
  range?: RangeDoc | null
  calibration?: { readings?: number; rms_after_m?: number; made?: string } | null
}

/** Where the second inlet comes from and what it gives alone; the same shapes as the option's own. */
export interface SecondInletDoc {
  feasible?: boolean
  connection?: ConnectionDoc
  route?: RouteDoc
  service_pipe?: ServicePipeDoc
  meter?: MeterDoc
  site_pressure_after_mpa?: number
  margin_m?: number
  findings?: FindingDoc[]
  quote_net_cny?: string
}

export interface InletsDoc {
  required: number
  reasons: string[]
  reasons_en: string[]
  second: SecondInletDoc | null
}

export interface FindingDoc {
  rule: string
  kind?: string
  name: string
  name_en?: string
  clause: string
  measured: number
  limit: number
  unit: string
  verdict: Verdict
  text: string
  text_en: string
  source: string
  confidence: string
  override?: OverrideDoc | null
}

export interface AssemblyDoc {
  code: string
  name: string
  name_en?: string
  drawing: string
  count: number
  reason: string
  reason_en?: string
}

export interface PermitDoc {
  kind: string
  name: string
  authority: string
  area_m2: number
  length_m: number
  workdays: number
  basis: string
  basis_en?: string
  name_en?: string
  authority_en?: string
  documents?: string[]
  documents_en?: string[]
  form?: string
  form_title?: string
  form_title_en?: string
}

export interface OptionDoc {
  rank: number
  feasible: boolean
  connection: ConnectionDoc
  route: RouteDoc
  service_pipe: ServicePipeDoc
  meter: MeterDoc
  check: CheckDoc
  findings: FindingDoc[]
  assemblies: AssemblyDoc[]
  quote: QuoteDoc
  permits: PermitDoc[]
  workdays: number
  supply_mode?: SupplyModeDoc | null
  inlets?: InletsDoc
  tie_in_methods?: { method: string; name: string; name_en: string; chosen: boolean; allowed: boolean }[]
  score?: ScoreDoc | null
  reasons: string[]
  reasons_en: string[]
}

export interface RejectedDoc {
  route?: RejectedRouteDoc | null
  connection: Partial<ConnectionDoc>
  score?: ScoreDoc | null
  reason: string
  reason_en: string
}

export interface ProvenanceDoc {
  network_version: string
  network_source: string
  synthetic: boolean
  crs: string | null
  rules: string[]
  prices: string
  engine: string
  software: string
  created: string
  weights?: WeightsDoc
}

export interface SchemeDoc {
  id: string
  name: string
  feasible: boolean
  summary: string
  summary_en: string
  request: RequestDoc
  demand: DemandDoc
  overrides?: OverrideDoc[]
  options: OptionDoc[]
  fixes?: FixDoc[]
  rejected: RejectedDoc[]
  provenance: ProvenanceDoc
}

export type UseDoc = { type: string } & Record<string, number | string>

/** A request; what this page has no field for is carried along as it came. */
export interface RequestDoc {
  name?: string
  site: { position: Position; storeys?: number } & Record<string, unknown>
  use: UseDoc | UseDoc[] | { design_flow_lps: number }
  options?: { count?: number } & Record<string, unknown>
  overrides?: OverrideAsked[]
  weights?: Partial<Record<WeightPart, number>> & { tapoff_first?: boolean }
  replaces?: string
  /** Point, route and size an engineer decided on. */
  connection?: PinAsked | null
  [part: string]: unknown
}
