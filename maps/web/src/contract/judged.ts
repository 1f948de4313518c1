/** Parts of the scheme document about judgement: overrides, weighing, supply by floors. */

export interface OverrideDoc {
  rule: string
  value: number | null
  verdict: string | null
  was: string | null
  reason: string
  by: string
}

/** A rule an engineer sets aside for one scheme; `rule/kind` names one finding. */
export interface OverrideAsked {
  rule: string
  value?: number | null
  verdict?: string | null
  reason: string
  by: string
}

/** What an engineer decides in place of the ranking; `route` runs from the tie-in to the site. */
export interface PinAsked {
  tapoff_id?: string
  pipe_id?: string
  route?: [number, number][]
  reason: string
  by: string
}

export const WEIGHT_PARTS = ['cost', 'pressure', 'digging', 'days', 'risk'] as const
export type WeightPart = (typeof WEIGHT_PARTS)[number]

/** Parts in yuan, already multiplied by their weights; what fits goes first, then tap-offs by policy, then the sum. */
export interface ScoreDoc {
  parts: Record<WeightPart, number>
  total: number
  fits?: boolean
  first?: boolean
}

export type WeightsDoc = Record<WeightPart, number> & {
  file: string
  tapoff_first: boolean
  pressure_cny_m: number
  pressure_enough_m: number
  digging_cny_m: number
  days_cny: number
  risks_cny: Record<string, number>
}

export interface FloorDoc {
  floor: number
  required_head_m: number
  available_head_m: number
  fixture_pressure_mpa: number
  pressure_mpa: number
  needed_mpa: number
  static_pressure_mpa: number | null
  mode: string
  reduce: boolean
}

export interface EquipmentDoc {
  kind: string
  name: string
  name_en: string
  flow_lps: number | null
  head_m: number | null
  volume_m3: number | null
  reason: string
  reason_en: string
  clause: string
  confidence: string
}

export interface ZoneDoc {
  zone: number
  from_floor: number
  to_floor: number
  mode: string
  text: string
  text_en: string
}

export interface SupplyModeDoc {
  mode: string
  text: string
  text_en: string
  available_head_m: number
  static_head_m: number | null
  direct_floors: number
  floors: FloorDoc[]
  zones: ZoneDoc[]
  equipment: EquipmentDoc[]
  source: string
  confidence: string
}
