/** Capacity maps and outage tables: the latest run of each, starting one, its files. */

import type { JobDoc } from './resources'
import type { Bounds, Position } from './wire'

export type RunKind = 'capacity' | 'outages'

export interface RunDoc {
  run: string | null
  document: Record<string, unknown> | null
  files: string[]
}

/** One class of a legend, the gravest first; a range in L/s, or a word. */
export interface FigureClassDoc {
  class: number
  key: 'range' | 'no-water' | 'at-cap'
  colour: string
  above_lps: number | null
  up_to_lps: number | null
  count: number
}

/** How a run is drawn: its tiles and their classes. */
export interface RunMapDoc {
  tiles: string
  classes: FigureClassDoc[]
  bounds: Bounds | null
}

/** What to shut for work on a pipe, and who is without water. */
export interface IsolationDoc {
  pipe_id: string | null
  valves: { id: string; kind: string; dn: number | null; is_shut: boolean; feeds: boolean }[]
  valves_known: boolean
  valve_positions?: Record<string, Position>
  pipe_ids: string[]
  customers_out: number
  dwellings_out: number
  unserved_lps: number
  notice_hours: number
  failed_valves: string[]
  alternatives: { failed_valve: string; valves: string[]; customers_out: number; more_customers_out: number; unserved_lps: number }[]
  by_pressure?: { unserved_lps: number; low_nodes_count: number; worst_node: string | null; worst_pressure_m: number | null }
}

export interface ResidualDoc {
  node_id: string
  name: string | null
  date: string | null
  read_m: number
  before_m: number
  after_m: number
  is_doubtful: boolean
}

/** What readings have made of the model; `made` is null where nothing is kept of this version. */
export interface CalibrationDoc {
  made: string | null
  in_use: boolean
  sound?: boolean
  source?: string
  readings?: number
  rms_before_m?: number
  rms_after_m?: number
  worst_after_m?: number
  parameters?: { name: string; kind: 'roughness' | 'demand'; factor: number; share: number; identified: boolean; at_bound: boolean }[]
  residuals?: ResidualDoc[]
}

export interface HydraulicsApi {
  latestRun(kind: RunKind): Promise<RunDoc>
  startRun(kind: RunKind, requiredPressureM: number | null): Promise<JobDoc>
  runFileUrl(kind: RunKind, name: string): string
  runMap(kind: RunKind, run: string): Promise<RunMapDoc>
  isolate(pipeId: string, failedValves: string[]): Promise<IsolationDoc>
  calibration(): Promise<CalibrationDoc>
}

type Get = <T>(path: string) => Promise<T>
type Send = <T>(method: string, path: string, body: unknown) => Promise<T>

export function hydraulicsCalls(base: string, get: Get, send: Send): HydraulicsApi {
  const body = (kind: RunKind, pressure: number | null): unknown =>
    pressure === null ? {} : kind === 'capacity' ? { required_pressures_m: [pressure] } : { required_pressure_m: pressure }
  return {
    latestRun: (kind) => get(`/${kind}`),
    startRun: (kind, pressure) => send('POST', `/${kind}/runs`, body(kind, pressure)),
    runFileUrl: (kind, name) => `${base}/${kind}/files/${encodeURIComponent(name)}`,
    isolate: (pipe, failed) => send('POST', '/isolations', { pipe, failed_valves: failed }),
    calibration: () => get('/calibration'),
    runMap: (kind, run) => get(`/${kind}/runs/${encodeURIComponent(run)}/map`),
  }
}
