/** Work about the whole network: what it can still give, and what each pipe means. */

import type { RunDoc, RunKind } from '../contract/hydraulics'

export const RUN_KINDS: RunKind[] = ['capacity', 'outages']

export interface RunState {
  latest: RunDoc | null
  /** While it is computed: the job and how far it is. */
  job: string | null
  progress: { stage: string | null; done: number | null; total: number | null } | null
  error: string | null
  /** Required pressure as typed [m]; empty for the network's own limit. */
  pressure: string
}

export interface HydraulicsState {
  runs: Record<RunKind, RunState>
  /** Which run is drawn, and its features. */
  shown: RunKind | null
  layer: unknown
}

const fresh = (): RunState => ({ latest: null, job: null, progress: null, error: null, pressure: '' })

export function emptyHydraulics(): HydraulicsState {
  return { runs: { capacity: fresh(), outages: fresh() }, shown: null, layer: null }
}

export interface FigureClass {
  /** Upper bound of the class, not reached by the next. */
  below: number
  colour: string
}

/** Spare flow of a node [L/s], weak to strong; and what the loss of a pipe takes [L/s], slight to grave. */
export const CLASSES: Record<RunKind, FigureClass[]> = {
  capacity: [
    { below: 0.1, colour: '#8e0152' },
    { below: 1, colour: '#d7301f' },
    { below: 3, colour: '#e2711d' },
    { below: 10, colour: '#b38600' },
    { below: 30, colour: '#4d9a45' },
    { below: Infinity, colour: '#1b6b35' },
  ],
  outages: [
    { below: 1, colour: '#9aa7b0' },
    { below: 5, colour: '#b38600' },
    { below: 20, colour: '#d7301f' },
    { below: Infinity, colour: '#8e0152' },
  ],
}
