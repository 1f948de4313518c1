/** Capacity maps and outage tables: the latest run of each, starting one, its files. */

import type { JobDoc } from './resources'
import type { Bounds } from './wire'

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

export interface HydraulicsApi {
  latestRun(kind: RunKind): Promise<RunDoc>
  startRun(kind: RunKind, requiredPressureM: number | null): Promise<JobDoc>
  runFileUrl(kind: RunKind, name: string): string
  runMap(kind: RunKind, run: string): Promise<RunMapDoc>
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
    runMap: (kind, run) => get(`/${kind}/runs/${encodeURIComponent(run)}/map`),
  }
}
