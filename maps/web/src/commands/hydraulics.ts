import type { RunKind } from '../contract/hydraulics'
import { translate } from '../messages/translate'
import { paceOf, RUN_KINDS } from '../state/hydraulics'
import { parseNumber } from '../text/position'
import { always, say, sentenceOf, type Command, type Context } from './command'
import { followJob } from './follow-job'

/** Fetch the latest run of each kind. */
export async function loadRuns(context: Context): Promise<void> {
  await Promise.all([...RUN_KINDS.map((kind) => loadRun(context, kind)), loadCalibration(context)])
}

async function loadCalibration({ state, api }: Context): Promise<void> {
  state.hydraulics.calibration = await api.calibration().catch(() => null)
}

async function loadRun({ state, api }: Context, kind: RunKind): Promise<void> {
  const run = state.hydraulics.runs[kind]
  try {
    run.latest = await api.latestRun(kind)
  } catch (error) {
    run.error = sentenceOf({ state, api } as Context, error)
  }
}

/** Required pressure as typed; null for the network's own limit, undefined where it is no pressure. */
export function pressureOf(text: string): number | null | undefined {
  if (!text.trim()) return null
  const value = parseNumber(text)
  return value !== null && value > 0 && value <= 200 ? value : undefined
}

/** Compute one for the whole network; it may take minutes and goes on when the page is left. */
export const startRun: Command<RunKind> = {
  disabled({ state }, kind) {
    const { job, pressure } = state.hydraulics.runs[kind]
    if (job !== null) return 'generate.busy'
    return pressureOf(pressure) === undefined ? 'hydraulics.pressure.bad' : null
  },
  async run(context, kind) {
    const run = context.state.hydraulics.runs[kind]
    run.error = null
    try {
      const job = await context.api.startRun(kind, pressureOf(run.pressure) ?? null)
      await followRun.run(context, { kind, job: job.id })
    } catch (error) {
      run.error = sentenceOf(context, error)
    }
  },
}

/** Follow a run, also one that was begun before the page was opened. */
export const followRun: Command<{ kind: RunKind; job: string }> = {
  disabled: always,
  async run(context, { kind, job }) {
    const run = context.state.hydraulics.runs[kind]
    if (run.job === job) return
    Object.assign(run, { job, progress: { stage: 'queued', done: null, total: null }, error: null })
    try {
      await followJob(context, await context.api.job(job), (progress) => {
        run.paced = paceOf(run.paced, progress, Date.now())
        run.progress = progress
      })
      await loadRun(context, kind)
      if (context.state.hydraulics.shown === kind) await draw(context, kind)
      say(context, 'hydraulics.done', { what: translate(context.state.language, `hydraulics.${kind}`) })
    } catch (error) {
      run.error = sentenceOf(context, error)
    } finally {
      Object.assign(run, { job: null, progress: null, paced: null })
    }
  },
}

export const cancelRun: Command<RunKind> = {
  disabled: ({ state }, kind) => (state.hydraulics.runs[kind].job ? null : 'hydraulics.none'),
  async run({ state, api }, kind) {
    const { job } = state.hydraulics.runs[kind]
    if (job) await api.cancelJob(job).catch(() => undefined)
  },
}

/** Draw a run on the map, or take it away. */
export const showRun: Command<RunKind> = {
  disabled: ({ state }, kind) =>
    state.mapFault ? 'map.failed' : state.hydraulics.runs[kind].latest?.files.includes('map.geojson') ? null : 'hydraulics.none',
  async run(context, kind) {
    const { hydraulics } = context.state
    if (hydraulics.shown === kind) Object.assign(hydraulics, { shown: null, map: null, hidden: [] })
    else await draw(context, kind)
  },
}

/** Draw one class of the legend, or leave it out. */
export const toggleClass: Command<number> = {
  disabled: ({ state }) => (state.hydraulics.map ? null : 'hydraulics.none'),
  run({ state }, place) {
    const { hydraulics } = state
    const { hidden } = hydraulics
    hydraulics.hidden = hidden.includes(place) ? hidden.filter((one) => one !== place) : [...hidden, place]
  },
}

async function draw(context: Context, kind: RunKind): Promise<void> {
  const { hydraulics } = context.state
  const { latest } = hydraulics.runs[kind]
  if (!latest?.run) return
  const hidden = hydraulics.shown === kind ? hydraulics.hidden : []
  Object.assign(hydraulics, { shown: kind, map: null, hidden })
  try {
    const map = await context.api.runMap(kind, latest.run)
    if (hydraulics.shown === kind) hydraulics.map = map
  } catch (error) {
    hydraulics.runs[kind].error = sentenceOf(context, error)
    Object.assign(hydraulics, { shown: null, map: null, hidden: [] })
  }
}
