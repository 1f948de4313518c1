/** Work about the whole network: what it can still give, and what each pipe means. */

import type { CalibrationDoc, IsolationDoc, RunDoc, RunKind, RunMapDoc } from '../contract/hydraulics'

export const RUN_KINDS: RunKind[] = ['capacity', 'outages']

export interface RunProgress {
  stage: string | null
  done: number | null
  total: number | null
}

export interface Pace {
  stage: string | null
  done: number
  at: number
  now: number
}

export interface RunState {
  latest: RunDoc | null
  /** While it is computed: the job and how far it is. */
  job: string | null
  progress: RunProgress | null
  /** Where the present stage was when it was first seen, and when [ms]: its pace follows. */
  paced: Pace | null
  error: string | null
  /** Required pressure as typed [m]; empty for the network's own limit. */
  pressure: string
}

export interface HydraulicsState {
  runs: Record<RunKind, RunState>
  /** Which run is drawn, how, and the classes that are left out. */
  shown: RunKind | null
  map: RunMapDoc | null
  hidden: number[]
  calibration: CalibrationDoc | null
}

/** The closure that is looked at: of which pipe, without which valves. */
export interface Closure {
  pipeId: string
  failed: string[]
  doc: IsolationDoc | null
  error: string | null
}

const fresh = (): RunState => ({ latest: null, job: null, progress: null, paced: null, error: null, pressure: '' })

export function emptyHydraulics(): HydraulicsState {
  return { runs: { capacity: fresh(), outages: fresh() }, shown: null, map: null, hidden: [], calibration: null }
}

const SURE_AFTER_S = 4

/** What the pace of a stage is measured from. */
export function paceOf(before: Pace | null, { stage, done }: RunProgress, now: number): Pace | null {
  if (done === null) return null
  return before === null || before.stage !== stage || done < before.done ? { stage, done, at: now, now } : { ...before, now }
}

/** Seconds that a stage still takes at the pace it has had; null as long as nobody can tell. */
export function timeLeft(progress: RunProgress | null, paced: Pace | null): number | null {
  if (!progress?.total || progress.done === null || paced === null) return null
  const [did, took] = [progress.done - paced.done, (paced.now - paced.at) / 1000]
  return did > 0 && took >= SURE_AFTER_S ? (took * (progress.total - progress.done)) / did : null
}
