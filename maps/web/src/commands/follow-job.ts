import { Failure, problemSentence } from '../contract/client'
import type { JobDoc } from '../contract/resources'
import type { Progress } from '../state/store'
import type { Context } from './command'

const SOON_MS = 250
const LATER_MS = 1000
const SOON_TURNS = 20

/** Wait for a job and report its progress; gives the finished job or throws why there is none. */
export async function followJob(
  context: Context,
  first: JobDoc,
  report: (progress: Progress) => void,
  signal?: AbortSignal,
): Promise<JobDoc> {
  let job = first
  for (let turn = 0; job.state === 'queued' || job.state === 'running'; turn += 1) {
    const { stage = null, done = null, total = null } = job.progress ?? {}
    report({ stage: job.state === 'queued' ? 'queued' : stage, done, total })
    await context.pause(turn < SOON_TURNS ? SOON_MS : LATER_MS)
    signal?.throwIfAborted()
    job = await context.api.job(job.id, signal)
  }
  if (job.state === 'done') return job
  throw new Failure('refused', problemSentence(job.problem))
}
