import { Failure } from '../contract/client'
import type { JobDoc } from '../contract/resources'
import type { Progress } from '../state/store'
import type { Context } from './command'

const SOON_MS = 250
const LATER_MS = 1000
const SOON_TURNS = 20

/** Wait for a job and report its progress; gives the finished job or throws why there is none. */
export async function followJob(
  context: Context,
  id: string,
  report: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<JobDoc> {
  for (let turn = 0; ; turn += 1) {
    const job = await context.api.job(id, signal)
    if (job.status === 'done') return job
    if (job.status === 'failed' || job.status === 'cancelled') {
      throw new Failure('refused', job.problem?.detail ?? job.problem?.title ?? '')
    }
    report({ stage: job.status === 'queued' ? 'queued' : job.stage, done: job.done, total: job.total })
    await context.pause(turn < SOON_TURNS ? SOON_MS : LATER_MS)
    signal?.throwIfAborted()
  }
}
