/** Capacity maps and outage tables: the latest run of each, starting one, its files. */

import type { JobDoc } from './resources'

export type RunKind = 'capacity' | 'outages'

export interface RunDoc {
  run: string | null
  document: Record<string, unknown> | null
  files: string[]
}

export interface HydraulicsApi {
  latestRun(kind: RunKind): Promise<RunDoc>
  startRun(kind: RunKind, requiredPressureM: number | null): Promise<JobDoc>
  runFileUrl(kind: RunKind, name: string): string
  /** The drawing of the latest run, GeoJSON in longitude and latitude. */
  runLayer(kind: RunKind): Promise<unknown>
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
    runLayer: (kind) => get(`/${kind}/files/map.geojson`),
  }
}
